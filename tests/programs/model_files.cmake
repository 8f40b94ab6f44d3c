# backquery_model shows, converts and compares networks. DATA has model files and files of numpy; HAS_ONNX states
# whether the program was built with ONNX.
include(${CMAKE_CURRENT_LIST_DIR}/expect.cmake)

set(perceptron ${DATA}/model/double_perceptron.bqm)
file(COPY_FILE ${DATA}/model/float_layers_2.bqm ${SCRATCH}/net.bqm)
set(activations --activations relu,tanh,sigmoid)

# Tables
expect(0 "^file +net.bqm, 199 bytes\nformat +backquery, version 2\nvalues +float\nnetwork +2-1-2-1, biases\nparameters +10\nloss +binary_cross_entropy\nerror propagation +gradient\nlearning rate +0.5\nsection +b, 0 bytes\nsection +classes, 7 bytes\n\nlayer  inputs  nodes  activation  weights  biases\n1      2       1      relu        -2 to 1  0.25 to 0.25\n"
  "^$" ${BACKQUERY_MODEL} net.bqm)
expect(0 "format +backquery, version 1\nvalues +double\nnetwork +2-3, no biases\n.*\n1      2       3      identity    -7 to 1e\\+300\n$"
  "^$" ${BACKQUERY_MODEL} ${perceptron})
expect(0 "f4.npy, 152 bytes\nformat +.npy, C order\nvalues +<f4\nrows +2\ncolumns +3\nrange +-inf to 65504\nnot finite +1\n$"
  "^$" ${BACKQUERY_MODEL} ${DATA}/npy/f4.npy)
expect(0 "format +.npy, Fortran order\nvalues +>i8\n" "^$" ${BACKQUERY_MODEL} ${DATA}/npy/big_i8.npy)
expect(0 "range +none\n" "^$" ${BACKQUERY_MODEL} ${DATA}/npy/empty.npy)

expect(0 "" "" ${MNIST_TRAIN} --epochs 1 --hidden 5 --checkpoint run.bqm)
expect(0 "format +checkpoint of backquery, version 2\n.*network +784-5-10, no biases\n.*section +training.recipe, [0-9,]+ bytes\nsection +training.state, [0-9,]+ bytes\n"
  "^$" ${BACKQUERY_MODEL} run.bqm)

# Conversions keep every bit
expect(0 "^written: copy.bqm \\(float\\)\nleft out: section b\nleft out: section classes\n$" "^$"
  ${BACKQUERY_MODEL} net.bqm --to copy.bqm)
expect(0 "^written: again.model \\(float\\)\n$" "^$" ${BACKQUERY_MODEL} copy.bqm --to again.model)
expect_same_files(${SCRATCH}/copy.bqm ${SCRATCH}/again.model)
expect(0 "^written: net.w1.npy, net.b1.npy, net.w2.npy, net.b2.npy, net.w3.npy, net.b3.npy \\(float\\)\n" "^$"
  ${BACKQUERY_MODEL} net.bqm --to net.npy)
expect(0 "^written: back.bqm \\(float\\)\n$" "^$" ${BACKQUERY_MODEL} net.w1.npy ${activations} --to back.bqm)
expect(0 "^written: back.w1.npy" "^$" ${BACKQUERY_MODEL} back.bqm --to back.npy)
foreach(matrix w1 b1 w2 b2 w3 b3)
  expect_same_files(${SCRATCH}/net.${matrix}.npy ${SCRATCH}/back.${matrix}.npy)
endforeach()
expect(0 "^written: wide.bqm \\(double\\)\n" "^$" ${BACKQUERY_MODEL} copy.bqm --to wide.bqm --scalar double)
expect(0 "^written: narrow.bqm \\(float\\)\n" "^$" ${BACKQUERY_MODEL} wide.bqm --to narrow.bqm --scalar float)
expect_same_files(${SCRATCH}/copy.bqm ${SCRATCH}/narrow.bqm)
expect(0 "^written: net.c \\(float\\)\n" "^$" ${BACKQUERY_MODEL} net.bqm --to net.c)
expect(0 "^written: net.C \\(float\\)\n" "^$" ${BACKQUERY_MODEL} net.bqm --to net.C --name digits)
file(STRINGS ${SCRATCH}/net.C declaration REGEX "^void digits_query")
if(NOT declaration)
  message(SEND_ERROR "net.C has no function digits_query")
endif()

# Comparisons
set(equal "^outputs for 1,000 random inputs: the largest difference is 0\n$")
expect(0 "${equal}" "^$" ${BACKQUERY_MODEL} net.bqm --compare wide.bqm)
expect(0 "${equal}" "^$" ${BACKQUERY_MODEL} net.bqm --compare net.w1.npy ${activations})
expect(0 "^outputs for 10 random inputs: the largest difference is 0\\.[0-9]+\n$" "^$"
  ${BACKQUERY_MODEL} net.bqm --compare net.w1.npy --samples 10)
expect(0 ", the largest output is the same for 1,000 of 1,000\n$" "^$"
  ${BACKQUERY_MODEL} ${perceptron} --compare ${perceptron} --seed 2)

# ONNX
if(HAS_ONNX)
  expect(0 "^written: net.onnx \\(float\\)\n" "^$" ${BACKQUERY_MODEL} net.bqm --to net.onnx)
  expect(0 "format +ONNX\nvalues +float\nnetwork +2-1-2-1, biases\n" "^$" ${BACKQUERY_MODEL} net.onnx)
  expect(0 "${equal}" "^$" ${BACKQUERY_MODEL} net.bqm --compare net.onnx)
  expect(0 "^written: back.npy|^written: back.w1.npy" "^$" ${BACKQUERY_MODEL} net.onnx --to back.npy)
  foreach(matrix w1 b1 w2 b2 w3 b3)
    expect_same_files(${SCRATCH}/net.${matrix}.npy ${SCRATCH}/back.${matrix}.npy)
  endforeach()
else()
  expect_error("net.onnx: this program was built without ONNX .*libprotozero-dev" ${BACKQUERY_MODEL} net.bqm --to net.onnx)
endif()

# Errors
expect_error("none.bqm: cannot be opened: " ${BACKQUERY_MODEL} none.bqm)
expect_error("net.c: is no file of backquery, no .npy file, and its name does not end in .onnx" ${BACKQUERY_MODEL} net.c)
expect_error("archive.npz: is a ZIP archive, .*numpy.save" ${BACKQUERY_MODEL} ${DATA}/npy/archive.npz)
expect_error("f4.npy: is one matrix; a network is in files NAME.w1.npy" ${BACKQUERY_MODEL} ${DATA}/npy/f4.npy --to a.bqm)
expect_error("--to: is 'net.txt', expected a name that ends in .bqm, .model, .onnx, .npy or .c" ${BACKQUERY_MODEL}
  net.bqm --to net.txt)
expect_error("name is '2', expected a letter" ${BACKQUERY_MODEL} net.bqm --to 2.c)
expect_error("--name: --to is 'a.bqm', expected a name that ends in .c" ${BACKQUERY_MODEL} net.bqm --to a.bqm --name a)
expect_error("--name requires --to; see --help" ${BACKQUERY_MODEL} net.bqm --name a)
expect_error("double_perceptron.bqm: has a value beyond the range of float; write --scalar double" ${BACKQUERY_MODEL}
  ${perceptron} --to a.bqm --scalar float)
expect_error("--activations: is 'relu,soft', expected a list such as relu,softmax. the names are identity, .*softplus" ${BACKQUERY_MODEL}
  net.w1.npy --activations relu,soft)
expect_error("options.activations has 2 entries, expected 3" ${BACKQUERY_MODEL} net.w1.npy --activations relu,sigmoid)
expect_error("--activations: net.bqm states its activations" ${BACKQUERY_MODEL} net.bqm ${activations})
expect_error("double_perceptron.bqm: has 2 inputs and 3 outputs, expected 2 and 1 as in net.bqm" ${BACKQUERY_MODEL}
  net.bqm --compare ${perceptron})
expect_error("--samples: is '0', expected a whole number from 1" ${BACKQUERY_MODEL} net.bqm --compare net.bqm --samples 0)
expect_error("unknown option --compar; did you mean --compare" ${BACKQUERY_MODEL} net.bqm --compar net.bqm)
expect_error("none/a.bqm: cannot be saved: " ${BACKQUERY_MODEL} net.bqm --to none/a.bqm)
expect_absent(a.bqm)
