"""Exchange: captions in and out of other formats, without a byte of them getting lost."""
