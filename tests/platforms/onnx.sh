#!/usr/bin/env bash
# ONNX files in other programs (as root, Debian 12): runs exported networks in onnxruntime and numpy, checks
# them with the checker of ONNX, and writes the golden files of import_onnx again with PyTorch.
source "$(dirname "$0")/common.sh"
install g++ libeigen3-dev catch2 libcli11-dev libstb-dev libprotozero-dev python3-onnx python3-torch
command -v npm >/dev/null || install nodejs npm  # other packages of Node.js conflict with npm of Debian
compiler=(g++)

check_exported() {
  compile_main
  write_source model
  compile $optimization -c "$build/model.cpp" -o "$build/model.o"
  compile "$build/model.o" "${main[@]}" -o "$build/model"
  cd "$build"
  [ -d node_modules/onnxruntime-node ] || npm install --silent --ignore-scripts onnxruntime-node
  # Images of MNIST, if .ci/run fetched them.
  [ ! -e "$root/build/mnist/t10k-images-idx3-ubyte" ] || ln -sf "$root/build/mnist/t10k-images-idx3-ubyte" .
  rm -rf files
  ./model "[.onnx_files]"
  node "$root/tests/programs/onnx_runtime.js" files | tee onnxruntime.log
  /usr/bin/python3 "$root/tests/programs/onnx_runtime.py" files | tee numpy.log
  ! grep -h '^skipped' onnxruntime.log numpy.log
}

# The files of PyTorch have the same graphs and nearly the same weights on each machine.
check_golden() {
  /usr/bin/python3 tests/data/onnx.py "$build/golden"
  diff <(cd tests/data/onnx && ls) <(cd "$build/golden" && ls)
}

prepare
times=()
stage golden check_golden
stage exported check_exported
