"""Config rules: each file registers the rules of one subject; a rule judges a Case."""
