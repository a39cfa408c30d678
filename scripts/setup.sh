#!/usr/bin/env bash
# Prepares the machine and the checkout. Safe to run again: it does only what has changed.
set -euo pipefail
cd "$(dirname "$0")/.."

VENV=.venv
STAMPS=$VENV/stamps
SYSTEM_PACKAGES="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 chromium poppler-utils qpdf gettext xmlsec1 openssl"

say() { printf '%s\n' "$*" >&2; }

find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null &&
      "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  say "Serve Python 3.11, 3.12 o 3.13."
  exit 1
}

# Where python3-venv is missing (Debian ships it apart), the environment is made without pip or with virtualenv.
make_environment() {
  local python
  python=$(find_python)
  if [ -x $VENV/bin/python ] && $VENV/bin/python -c 'import sys' 2>/dev/null; then
    return
  fi
  rm -rf $VENV
  if "$python" -m venv $VENV >/dev/null 2>&1; then
    return
  fi
  rm -rf $VENV
  if command -v uv >/dev/null && uv venv --quiet --python "$python" $VENV; then
    return
  fi
  if "$python" -m virtualenv --quiet $VENV 2>/dev/null; then
    return
  fi
  if ! "$python" -m pip --version >/dev/null 2>&1 && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installo python3-venv."
    apt_install python3-venv python3-pip && "$python" -m venv $VENV && return
  fi
  if "$python" -m pip install --quiet --target var/virtualenv virtualenv 2>/dev/null; then
    PYTHONPATH=var/virtualenv "$python" -m virtualenv --quiet $VENV && return
  fi
  say "Non riesco a creare l'ambiente Python: installa python3-venv e riprova."
  exit 1
}

find_uv() {
  if [ -x $VENV/bin/uv ]; then
    echo $VENV/bin/uv
  elif command -v uv >/dev/null; then
    command -v uv
  else
    $VENV/bin/python -m pip --version >/dev/null 2>&1 || $VENV/bin/python -m ensurepip >/dev/null
    $VENV/bin/python -m pip install --quiet --disable-pip-version-check "uv==0.13.9"
    echo $VENV/bin/uv
  fi
}

install_packages() {
  local uv wanted
  wanted=$(cat uv.lock pyproject.toml | sha256sum)
  if [ "$(cat $STAMPS/packages 2>/dev/null)" = "$wanted" ]; then
    return
  fi
  uv=$(find_uv)
  say "Installo le librerie Python."
  # --inexact keeps uv itself; the lock decides every version.
  UV_PROJECT_ENVIRONMENT=$VENV "$uv" sync --frozen --inexact --quiet
  echo "$wanted" >$STAMPS/packages
}

apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 ||
    { apt-get update -qq >/dev/null 2>&1 && apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1; }
}

# Whatever apt lacks is reported and does not stop the rest: `make doctor` says what each piece is for.
install_system_packages() {
  local missing=() name
  if ! command -v dpkg-query >/dev/null; then
    return
  fi
  for name in $SYSTEM_PACKAGES; do
    if [ "$name" = chromium ] && { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null; then
      continue
    fi
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q "ok installed" || missing+=("$name")
  done
  if [ ${#missing[@]} = 0 ]; then
    return
  fi
  if [ "$(cat $STAMPS/system 2>/dev/null)" = "${missing[*]}" ]; then
    return # already tried, or already told
  fi
  if [ "$(id -u)" = 0 ]; then
    say "Installo le librerie di sistema: ${missing[*]}"
    for name in "${missing[@]}"; do
      apt_install "$name" || say "ATTENZIONE: $name non si installa; il portale funziona anche senza (vedi make doctor)."
    done
  else
    say "Per avere tutto, esegui una volta: sudo apt-get install -y ${missing[*]}"
  fi
  echo "${missing[*]}" >$STAMPS/system
}

compile_translations() {
  if ! command -v msgfmt >/dev/null || [ ! -d locale ]; then
    return
  fi
  local source
  while IFS= read -r source; do
    if [ ! "${source%.po}.mo" -nt "$source" ]; then
      msgfmt --check-format -o "${source%.po}.mo" "$source"
    fi
  done < <(find locale -name '*.po')
}

collect_static() {
  local wanted
  wanted=$({ find static -type f -printf '%p %s %T@\n' | sort; cat $STAMPS/packages; echo "${DATA_DIR:-var}"; } | sha256sum)
  if [ "$(cat $STAMPS/static 2>/dev/null)" = "$wanted" ] && [ -f "${DATA_DIR:-var}/static/staticfiles.json" ]; then
    return
  fi
  say "Preparo i file statici."
  $VENV/bin/python manage.py collectstatic --no-input --clear --verbosity 0
  echo "$wanted" >$STAMPS/static
}

make_environment
mkdir -p $STAMPS
install_system_packages
install_packages
compile_translations
collect_static
