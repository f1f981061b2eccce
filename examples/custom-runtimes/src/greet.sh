handler() {
  name="$(printf '%s' "$1" | sed -n 's/.*"name": *"\([^"]*\)".*/\1/p')"
  if [ -z "$name" ]; then
    echo "no name in $1" >&2
    return 1
  fi
  printf '{"greeting": "Hello, %s"}' "$name"
}
