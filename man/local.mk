# Pages stand in the local.mk of the folder that they describe.
