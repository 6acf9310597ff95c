"""The command `visgen`: one verb, one file. Only these files print."""
