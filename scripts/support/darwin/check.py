"""Type-checks this package's product targets against the Darwin of scripts/darwin, in the order of what
they depend on."""
import json
import pathlib
import subprocess
import sys

work = pathlib.Path(sys.argv[1])
wanted = sys.argv[2:]
here = pathlib.Path("scripts/support/darwin")
modules = work / "modules"
modules.mkdir(parents=True, exist_ok=True)

common = [
    "swiftc", "-frontend", "-emit-module",
    "-sdk", str(work / "sdk"), "-target", "x86_64-apple-macos15", "-disable-objc-interop",
    "-I", str(modules),
    "-module-cache-path", str(work / "cache"),
]
ours = [
    "-swift-version", "6", "-package-name", "sshproxy",
    *[word for name in ("ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility")
      for word in ("-enable-upcoming-feature", name)],
]


def compile(name, files, *options):
    """Returns the errors, a line each."""
    found = subprocess.run(
        [*common, *options, "-module-name", name.replace("-", "_"),
         "-o", str(modules / f"{name.replace('-', '_')}.swiftmodule"), *map(str, files)],
        capture_output=True, text=True)
    lines = [line for line in found.stderr.splitlines() if ": error:" in line and "`-" not in line]
    if found.returncode != 0 and not lines:
        lines = found.stderr.splitlines()[-5:]
    return [line.replace(str(pathlib.Path.cwd()) + "/", "") for line in lines]


def sources(folder, excluded=()):
    folder = pathlib.Path(folder)
    return [file for file in sorted(folder.rglob("*.swift"))
            if not any(file.is_relative_to(folder / name) for name in excluded)]


failed = 0


def report(name, errors):
    global failed
    failed += bool(errors)
    print(("FAILED  " if errors else "ok      ") + name, flush=True)
    for line in errors[:20]:
        print("        " + line[:240])


library = ["-parse-as-library"]
plain = ["-disable-implicit-concurrency-module-import",
         "-disable-implicit-string-processing-module-import"]
for overlay in ("Darwin", "Foundation", "Synchronization", "os", "TOMLKit"):
    errors = compile(overlay, [here / f"{overlay}.swift"], "-swift-version", "6", *library, *plain)
    if errors:
        report("the overlay " + overlay, errors)
        sys.exit(70)
parser = pathlib.Path(".build/checkouts/swift-argument-parser/Sources")
for name in ("ArgumentParserToolInfo", "ArgumentParser"):
    errors = compile(name, sources(parser / name), "-swift-version", "5", *library)
    if errors:
        report("the package " + name, errors)
        sys.exit(70)

package = json.loads(subprocess.run(
    ["swift", "package", "dump-package"], check=True, capture_output=True, text=True).stdout)
targets = {target["name"]: target for target in package["targets"]}
products = [product["targets"][0] for product in package["products"]
            if product["name"].startswith("sshproxy")]


def needs(name):
    return [list(entry.values())[0][0] for entry in targets[name]["dependencies"]]


order = []


def visit(name):
    if name not in targets or name in order:
        return
    for other in needs(name):
        visit(other)
    order.append(name)


for product in products:
    visit(product)

maps = []
for name in order:
    folder = pathlib.Path(targets[name].get("path") or f"Sources/{name}")
    if targets[name]["type"] == "system":
        maps.append(folder / "module.modulemap")
    elif not sources(folder):
        path = work / f"{name}.modulemap"
        headers = " ".join(f'header "{header.resolve()}"' for header in (folder / "include").glob("*.h"))
        path.write_text(f"module {name} {{ {headers} export * }}\n")
        maps.append(path)
clang = [word for path in maps for word in ("-Xcc", f"-fmodule-map-file={path.resolve()}")]
checked = 0
for name in order:
    files = sources(targets[name].get("path") or f"Sources/{name}", targets[name]["exclude"])
    if targets[name]["type"] == "system" or not files or (wanted and name not in wanted):
        continue
    # A file of the name main.swift holds statements: the whole of its target is read so.
    kind = [] if any(file.name == "main.swift" for file in files) else library
    report(name, compile(name, files, *ours, *clang, *kind))
    checked += 1
print(f"darwin: {checked} targets, {failed} failed")
sys.exit(1 if failed or not checked else 0)
