"""Large files: read in blocks, compared by the hashes of their records, read back where they differ."""

from roforlmao.compare.bulk.numeric import load

load()
