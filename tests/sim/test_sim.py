#!/usr/bin/env python3
"""The simulator as a test: a fixed set of seeds of each profile, seeds that once failed, the same seed twice.

SIM_SEEDS: how many of each profile (an instrumented build takes fewer). Prints "N passed, N failed"."""
import os
import re
import subprocess
import sys

SIM = os.path.join(os.environ.get("KC_BIN", "build/release/bin"), "kc-sim")
SEEDS = int(os.environ.get("SIM_SEEDS", "20"))
PROFILES = ["mixed", "twins", "calm", "lossy", "crashy", "disks", "copies", "restores", "clocks"]

# (profile, seed, what it found). A change of the simulator gives a seed another life: the sentence stays, the
# seed is then only one more of its kind.
ONCE_FAILED = [
    ("disks", 7, "an office whose store had to be opened anew dialled for ever and sent nothing"),
    ("mixed", 1148, "a centre whose ledger had to be opened anew answered BUSY for ever"),
    ("mixed", 5014, "a certificate left for a registration that could not be written"),
    ("restores", 91, "what was made on the other PC's updates came back before them, and was refused for good"),
    ("restores", 124, "a refusal was taken for mended by the very update it was made on"),
    ("restores", 729, "a refusal that came back behind what had mended it was listed anew"),
    ("restores", 2034, "a restored centre gave out the serial of an agent of its lost life that had yet to come back"),
    ("mixed", 225, "an answer about where a stream still fits came twice, and was taken for the next one's"),
    ("copies", 72, "an old copy that went on in a new stream was nobody's in the simulator's eyes"),
]

passed = failed = 0


def check(what, ok, more=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    if not ok:
        print(f"FAILED: {what}\n{more}")


def sim(*args):
    done = subprocess.run([SIM, *map(str, args)], capture_output=True, text=True, timeout=900)
    return done.returncode, done.stdout


def last_line(text):
    return text.strip().split("\n")[-1] if text.strip() else ""


def main():
    code, out = sim("--help")
    check("--help", code == 0 and "replay" in out, out)
    check("wrong usage exits 2", sim("run", "--sometimes")[0] == 2)
    for profile in PROFILES:
        code, out = sim("run", "--first", 1, "--count", SEEDS, "--profile", profile)
        fine = code == 0 and re.fullmatch(rf"{SEEDS} seeds, [0-9.]+ agent-hours, 0 violations", last_line(out))
        check(f"{SEEDS} seeds, {profile}", fine, out)
    for profile, seed, found in ONCE_FAILED:
        code, out = sim("run", "--first", seed, "--count", 1, "--profile", profile)
        check(f"seed {seed}, {profile}: {found}", code == 0, out)
    once, again = sim("replay", 11), sim("replay", 11)
    check("the same seed is the same run, event by event", once == again and once[0] == 0)
    check("another seed is another run", last_line(sim("replay", 12)[1]) != last_line(once[1]))
    check("replay tells events", len(once[1].split("\n")) > 100)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
