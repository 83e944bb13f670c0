# Every file and folder below the given ones with its mode.
listing() {
	find "${@:-.}" -mindepth 1 -printf '%M %p\n' | LC_ALL=C sort -k2
}
# All that can be told of the tree: paths, kinds, modes, owners, mtimes, content.
everything() {
	find . -printf '%p %y %m %U:%G %T@ %l\n' | LC_ALL=C sort
	find . -type f -exec sha256sum {} + | LC_ALL=C sort -k2
}
# Remembers the tree for `unchanged`.
remember() {
	everything >"$STATE"
}
# Fails, and shows the difference, unless the tree is as it was remembered.
unchanged() {
	everything | diff "$STATE" -
}
