# shellcheck shell=bash
# Sourced: defines uv_run, which is uv from the PATH or one bootstrapped by pip under .tools/.
export UV_PYTHON_DOWNLOADS=never
uv_run() {
  if command -v uv >/dev/null 2>&1; then uv "$@"; return; fi
  if ! [ -x .tools/bin/uv ]; then
    echo "bootstrapping uv under .tools/" >&2
    # A distribution may ship python3 without pip or without venv; either one is enough.
    if "${PYTHON:-python3}" -m pip --version >/dev/null 2>&1; then
      "${PYTHON:-python3}" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
        --require-hashes --no-deps --target .tools -r tools/requirements-uv.txt
    else
      "${PYTHON:-python3}" -m venv .tools/venv
      .tools/venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
        --target .tools -r tools/requirements-uv.txt
    fi
  fi
  .tools/bin/uv "$@"
}
