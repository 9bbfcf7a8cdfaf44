# Sourced by ./dev and tools/build-bridge. `find_rust` exports CARGO and RUSTC: the first toolchain of PATH, rustup's folder
# and /usr/bin that is at least what bridge/Cargo.toml asks for. Fails if there is none.

rust_needed() { sed -n 's/^rust-version *= *"\(.*\)".*/\1/p' "$1/bridge/Cargo.toml"; }

rust_version_of() { "$1" --version 2>/dev/null | cut -d' ' -f2 | cut -d- -f1; }

# True if version $1 is at least version $2.
version_at_least() { [[ "$(printf '%s\n' "$2" "$1" | sort -V | head -n 1)" == "$2" ]]; }

find_rust() {
  local needed rustc cargo version
  needed=$(rust_needed "$1")
  for rustc in "${RUSTC:-}" "$(command -v rustc || true)" "${HOME:-/nonexistent}/.cargo/bin/rustc" /usr/bin/rustc; do
    cargo=${CARGO:-${rustc%/*}/cargo}
    [[ -x $rustc && -x $cargo ]] || continue
    version=$(rust_version_of "$rustc")
    if [[ -n $version ]] && version_at_least "$version" "$needed"; then
      export RUSTC=$rustc CARGO=$cargo
      return 0
    fi
  done
  return 1
}
