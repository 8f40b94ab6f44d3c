# mnist_train --report: what the page contains, and when it is written. tests/browser/report.test.mjs shows such
# pages in a browser.
include(${CMAKE_CURRENT_LIST_DIR}/expect.cmake)

# expect_in(<file> <text>...): the file contains each text; the words of the command are elements
function(expect_in file)
  file(READ "${SCRATCH}/${file}" page)
  string(REGEX REPLACE "</?span>" "" page "${page}")
  foreach(text IN LISTS ARGN)
    string(FIND "${page}" "${text}" place)
    if(place EQUAL -1)
      message(SEND_ERROR "${file} does not contain: ${text}")
    endif()
  endforeach()
endfunction()

set(train ${MNIST_TRAIN} --train ${DATA}/tiny.csv --hidden 5,4)
set(test --test ${DATA}/tiny.csv)
expect(0 "report: report.html\n.*\nperformance = [01]\\.[0-9]+\n$" "^$" ${train} ${test} --epochs 3 --seed 7 --shuffle
  --report report.html)
string(REGEX MATCH "performance = ([0-9.]+)\n$" performance "${output}")
expect_in(report.html "<!DOCTYPE html>" "Accuracy</dt><dd>${CMAKE_MATCH_1}</dd>" "16-5-4-10" "shuffled before each epoch"
  "<th scope=\"row\">Seed</th><td>7</td>" "--epochs 3 --seed 7 --shuffle --report report.html</code>"
  "split_by_weights, which follows the gradient of this loss in the last layer only")
file(READ "${SCRATCH}/report.html" page)
if(page MATCHES "(src|href)=\"[^d#]|<script|@import|url\\(")
  message(SEND_ERROR "the report needs another file, or a script: ${CMAKE_MATCH_0}")
endif()
string(REGEX MATCHALL "<img class=\"weights\"" units "${page}")
list(LENGTH units units)
if(NOT units EQUAL 5)
  message(SEND_ERROR "the report has pictures of ${units} hidden nodes, expected 5")
endif()

# Texts are escaped in HTML, and quoted in the command.
set(hostile "<b>&\"'.csv")
file(COPY_FILE ${DATA}/tiny.csv "${SCRATCH}/${hostile}")
expect(0 "" "^$" ${MNIST_TRAIN} --hidden 3 --train "${hostile}" --test "${hostile}" --epochs 1 --report hostile.html)
expect_in(hostile.html "10 images of 4 x 4 from &lt\;b&gt\;&amp\;&quot\;&#39\;.csv</td>"
  "--train &#39\;&lt\;b&gt\;&amp\;&quot\;&#39\;\\&#39\;&#39\;.csv&#39\; --test")
file(READ "${SCRATCH}/hostile.html" page)
if(page MATCHES "<b>")
  message(SEND_ERROR "the name of a file is an element of the report")
endif()

# The command trains all epochs, without checkpoints.
set(checkpoints --checkpoint=c.bqm --checkpoint-every 1 --report resumed.html)
expect(0 "" "^$" ${train} ${test} ${checkpoints} --epochs 2)
expect(0 "resumed   at the end" "^$" ${train} ${test} --resume ${checkpoints} --epochs 2)
expect_in(resumed.html "tiny.csv --report resumed.html --epochs 2</code>" "The training was resumed from a checkpoint"
  "No epoch was trained in this run.")

# Images without labels, and a network that is only tested.
file(STRINGS ${DATA}/tiny.csv lines)
list(TRANSFORM lines REPLACE "^[0-9]+,(.*)" "\\1")
list(JOIN lines "\n" lines)
file(WRITE "${SCRATCH}/unlabeled.csv" "${lines}\n")
expect(0 "" "^$" ${train} --test unlabeled.csv --predict predictions.csv --epochs 1 --save tiny.model --report unlabeled.html)
expect_in(unlabeled.html "The test images have no labels, so there is no accuracy" "10</dd><dd>without labels")
expect(0 "" "^$" ${MNIST_TRAIN} --load tiny.model ${test} --report loaded.html)
expect_in(loaded.html "the network in tiny.model" "No epoch was trained in this run.")

# Before the training: a file that cannot be written, or that is another file of the command.
expect_error("missing/report.html: cannot be saved: " ${train} ${test} --report missing/report.html)
foreach(name report.htm report html report.html.bak)
  expect_error("--report: is '${name}', expected a name that ends in .html" ${train} ${test} --report ${name})
endforeach()
expect_error("(--report: is 'a.html', the file of --save|--save: is 'a.html', the file of --report), expected another file"
  ${train} ${test} --save a.html --report a.html)

# A training that fails leaves the old report.
file(SHA256 "${SCRATCH}/report.html" checksum)
expect(1 "" "a weight would become NaN, infinite" ${MNIST_TRAIN} --train ${DATA}/tiny.csv ${test}
  --load ${DATA}/../model/float_linear.bqm --epochs 1 --learning-rate 1e38 --report report.html)
file(SHA256 "${SCRATCH}/report.html" new_checksum)
if(NOT new_checksum STREQUAL checksum)
  message(SEND_ERROR "a training that failed replaced the report")
endif()
expect_absent(*.tmp missing a.html html)
