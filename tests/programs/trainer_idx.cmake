# IDX files are converted to CSV, give the same training as this CSV, and are rejected with a message if they
# are wrong.
include(${CMAKE_CURRENT_LIST_DIR}/expect.cmake)
set(images ${DATA}/tiny-images-idx3-ubyte)

expect(0 "tiny.csv: 10 images of 4 x 4" "^$" ${MNIST_IDX_TO_CSV} ${images} tiny.csv)
expect_same_files("${SCRATCH}/tiny.csv" "${DATA}/tiny.csv")
expect_absent(*.tmp)

expect(0 "training  10 images of 4 x 4" "^$" ${MNIST_TRAIN} --train ${images} --test ${images} --hidden 7 --save idx.model)
expect(0 "training  10 images of 4 x 4" "^$" ${MNIST_TRAIN} --train tiny.csv --test tiny.csv --hidden 7 --save csv.model)
expect_same_files("${SCRATCH}/idx.model" "${SCRATCH}/csv.model")

# The usual file name has two spellings.
file(COPY_FILE ${images} "${SCRATCH}/train-images.idx3-ubyte")
expect_error("train-labels.idx1-ubyte: not found; expected the labels of" ${MNIST_IDX_TO_CSV} train-images.idx3-ubyte
  out.csv)
file(COPY_FILE ${DATA}/tiny-labels-idx1-ubyte "${SCRATCH}/train-labels.idx1-ubyte")
expect(0 "10 images" "^$" ${MNIST_IDX_TO_CSV} train-images.idx3-ubyte out.csv)

file(COPY_FILE ${images} "${SCRATCH}/pictures")
expect_error("pictures: the name of its label file is unknown" ${MNIST_TRAIN} --train pictures)
expect_error("tiny-labels-idx1-ubyte: is a label file; expected the image file" ${MNIST_TRAIN} --train
  ${DATA}/tiny-labels-idx1-ubyte)
expect_error("images of 28 x 28, but the network for tiny.csv takes 16 inputs" ${MNIST_TRAIN} --train tiny.csv)

file(WRITE "${SCRATCH}/old.csv" "old")
expect_error("tiny.csv: " ${MNIST_IDX_TO_CSV} ${DATA}/tiny.csv old.csv)
file(READ "${SCRATCH}/old.csv" old)
if(NOT old STREQUAL "old")
  message(SEND_ERROR "a failed conversion changed the file")
endif()
