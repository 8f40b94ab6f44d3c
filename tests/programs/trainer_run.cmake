# mnist_train and mnist_backquery on the bundled sample: their output and files, and training that continues a
# model.
include(${CMAKE_CURRENT_LIST_DIR}/expect.cmake)

expect(0 "784-30-10.*epoch 1 of 2   accuracy 0\\.[0-9]+.*epoch 2 of 2 .*\nperformance = 0\\.[0-9][0-9][0-9][0-9]\n$" "^$"
  ${MNIST_TRAIN} --hidden 30 --epochs 2 --save digits.model --backquery portraits.png)
string(REGEX MATCH "performance = [0-9.]+\n$" performance "${output}")
if(output MATCHES "\r|samples/s")
  message(SEND_ERROR "a progress bar was drawn into a file:\n${output}")
endif()
string(REGEX MATCHALL "\n  [0-9][ 0-9]+ [01]\\.[0-9]+" confusion "${output}")
list(LENGTH confusion rows)
if(NOT rows EQUAL 10)
  message(SEND_ERROR "the confusion matrix has ${rows} rows, expected 10:\n${output}")
endif()
file(READ "${SCRATCH}/portraits.png" start LIMIT 8 HEX)
if(NOT start STREQUAL 89504e470d0a1a0a)
  message(SEND_ERROR "portraits.png is no PNG, it starts with ${start}")
endif()
expect_absent(*.tmp)

# The same seed gives the same model.
expect(0 "${performance}" "^$" ${MNIST_TRAIN} --hidden 30 --epochs 2 --save again.model)
expect_same_files("${SCRATCH}/digits.model" "${SCRATCH}/again.model")

# One epoch, saved, loaded and continued by a second epoch, gives the model of two epochs.
expect(0 "epoch 1 of 1" "^$" ${MNIST_TRAIN} --hidden 30 --epochs 1 --save one.model)
expect(0 "784-30-10.*from one.model\n.*${performance}" "^$" ${MNIST_TRAIN} --load one.model --epochs 1 --save two.model)
expect_same_files("${SCRATCH}/digits.model" "${SCRATCH}/two.model")

# Without --epochs a loaded network is only tested.
expect(0 "epochs    0\n.*${performance}" "^$" ${MNIST_TRAIN} --load digits.model)

expect(0 "3,000 samples: each image as it is, rotated by \\+10 and by -10 degrees" "^$"
  ${MNIST_TRAIN} --hidden 5 --epochs 1 --rotate 10)
expect(0 "784-20-15-10.*learning rate 0\\.2, he, seed 7" "^$"
  ${MNIST_TRAIN} --hidden 20,15 --epochs 1 --learning-rate 0.2 --initializer he --error-propagation gradient --seed 7)

# A training that diverges ends with an error and saves nothing.
expect(1 "" "a weight would become NaN, infinite or beyond the range of float: is the learning rate, 1e\\+38, too large" ${MNIST_TRAIN}
  --train ${DATA}/tiny.csv --test ${DATA}/tiny.csv --load ${DATA}/../model/float_linear.bqm --epochs 1 --learning-rate 1e38 --save never.model)
expect_absent(never.model*)

# A network that predicts no better than by guessing is reported with a hint.
expect(0 "\n\nhint: nothing was learned: .*\nhint: usual values are --learning-rate 0\\.1[^\n]*\nperformance = 0\\.[12]" "^$" ${MNIST_TRAIN}
  --epochs 1 --learning-rate 0.001 --hidden 30)
# The hints begin with the cause.
expect(0 "\n\nhint: layer 0 passes no gradient: [^\n]*\nhint: nothing was learned: [^\n]*\nperformance = 0\\.1000\n$" "^$" ${MNIST_TRAIN}
  --epochs 1 --learning-rate 1e6)
expect(0 "hint: .*did not train the network" "^$" ${MNIST_TRAIN} --epochs 0)

# Portraits as text and as a picture; a network for other images is rejected.
expect(0 "  3\n.*predicts\n  3: [0-9]" "^$" ${MNIST_BACKQUERY} --load digits.model --digit 3 --png again.png)
expect_same_files("${SCRATCH}/portraits.png" "${SCRATCH}/again.png")
expect(0 "its own portraits.*its own dreams the network predicts\n  3: 3, output 0\\.[0-9]+\n\nall portraits, and all dreams below: both.png\n$" "^$"
  ${MNIST_BACKQUERY} --load digits.model --digit 3 --dream --png both.png)
file(READ "${SCRATCH}/both.png" start LIMIT 24 HEX)
if(NOT start MATCHES "^89504e470d0a1a0a.*000004e400000104$")  # 10 x 2 images: 1252 x 260 pixels
  message(SEND_ERROR "both.png is not a PNG of two rows, it starts with ${start}")
endif()
expect(0 "its own dreams" "^$" ${MNIST_BACKQUERY} --load ${DATA}/../model/float_linear.bqm --dream)  # images of 4 x 4
expect_error("--digit: is 10, expected 0 to 9" ${MNIST_BACKQUERY} --load digits.model --digit 10)
expect(0 "training a network.*  0 .*  9" "^$" ${MNIST_BACKQUERY})
expect_error("images of 4 x 4, but digits.model takes 784 inputs" ${MNIST_TRAIN} --load digits.model --test ${DATA}/tiny.csv)

# A write that fails leaves the old file unchanged.
find_program(SH sh)
if(UNIX AND SH)
  file(WRITE "${SCRATCH}/old.png" "old")
  expect(1 "" "old.png: cannot be saved" ${SH} -c
    "trap '' XFSZ\nulimit -f 1\nexec '${MNIST_TRAIN}' --epochs 0 --backquery old.png")
  file(READ "${SCRATCH}/old.png" old)
  if(NOT old STREQUAL "old")
    message(SEND_ERROR "a failed write changed the file")
  endif()
  expect_absent(*.tmp)
endif()
