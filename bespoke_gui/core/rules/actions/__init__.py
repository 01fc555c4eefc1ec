"""The actions a rule can take, one self-registering file each."""
