"""Runs a command that can only write files of up to 150 bytes."""

import resource
import subprocess
import sys

resource.setrlimit(resource.RLIMIT_FSIZE, (150, 150))
sys.exit(subprocess.run(sys.argv[1:]).returncode)
