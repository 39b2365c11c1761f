"""The commands, one file each: a module here that defines `command` is one, named after its file."""
