# A wrong command line is answered in one line that says what is right, before any work is done.
include(${CMAKE_CURRENT_LIST_DIR}/expect.cmake)

expect(0 "--train FILE.*--test FILE.*--hidden.*200.*--learning-rate.*0\\.1.*--epochs.*5.*--rotate.*--initializer.*normal_fan_out.*--error-propagation.*split_by_weights.*--seed.*1.*--backquery FILE.png.*--save MODEL.*--load MODEL"
  "^$" ${MNIST_TRAIN} --help)

expect_error("unknown option --hiden; did you mean --hidden\\?" ${MNIST_TRAIN} --hiden 100)
expect_error("unknown option --epoch; did you mean --epochs\\?" ${MNIST_TRAIN} --epoch=3)
expect_error("unknown option -epochs; did you mean --epochs\\?" ${MNIST_TRAIN} -epochs 3)
expect_error("unknown option --qqqqqqqq; the options are --help, --train" ${MNIST_TRAIN} --qqqqqqqq)
expect_error("unexpected argument 'digits.csv'; files are named by options" ${MNIST_TRAIN} digits.csv)
foreach(value x 1.5 -1 1000001 3x 99999999999999999999999)
  expect_error("--epochs: is '${value}', expected a whole number from 0 to 1000000" ${MNIST_TRAIN} "--epochs=${value}")
endforeach()
foreach(value x 0 -0.1 nan inf 1e-60 1e60 0.1x)
  expect_error("--learning-rate: is '${value}', expected a number above 0" ${MNIST_TRAIN} "--learning-rate=${value}")
endforeach()
foreach(value 0 x 200, 200,,80 -5 100001 2e2)
  expect_error("--hidden: is '${value}', expected .*as 200 or 200,80" ${MNIST_TRAIN} "--hidden=${value}")
endforeach()
expect_error("--rotate: is '181', expected an angle from 0 \\(none\\) to 180" ${MNIST_TRAIN} --rotate 181)
expect_error("--seed: is '-1', expected a whole number from 0 to 18446744073709551615" ${MNIST_TRAIN} --seed=-1)
expect_error("--initializer: is 'normal', expected one of uniform, .*normal_fan_out, glorot, he" ${MNIST_TRAIN}
  --initializer normal)
expect_error("--error-propagation: is 'true', expected one of split_by_weights, gradient" ${MNIST_TRAIN}
  --error-propagation true)
foreach(option --hidden=5 --initializer=he --error-propagation=gradient --seed=2)
  expect_error("does not go with --load" ${MNIST_TRAIN} --load some.model ${option})
endforeach()

expect_error("missing.csv: not found" ${MNIST_TRAIN} --train missing.csv)
expect_error("missing.model" ${MNIST_TRAIN} --load missing.model)
expect_error("there is no folder missing" ${MNIST_TRAIN} --save missing/digits.model)
expect_error("there is no folder missing" ${MNIST_TRAIN} --backquery missing/portraits.png)
expect_error("it is there and not a file" ${MNIST_TRAIN} --backquery ${SCRATCH})
expect_error("--digit: is '300', expected a whole number" ${MNIST_BACKQUERY} --digit 300)
expect_error("CSV is required|CSV: 1 required" ${MNIST_IDX_TO_CSV} some-images-idx3-ubyte)
