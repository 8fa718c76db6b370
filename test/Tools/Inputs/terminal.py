"""Runs a command on a terminal and prints the states of its lines."""
import os
import pty
import subprocess
import sys

master, slave = pty.openpty()
process = subprocess.Popen(sys.argv[1:], stdout=slave, stderr=slave)
os.close(slave)
text = b""
while True:
    try:
        data = os.read(master, 1024)
    except OSError:  # the other end is closed
        break
    if not data:
        break
    text += data
assert process.wait() == 0, text
for line in text.decode().split("\n"):
    for state in line.split("\r"):
        if state:
            print(state.replace("\x1b[K", "<clear>"))
