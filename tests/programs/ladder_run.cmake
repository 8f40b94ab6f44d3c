# mnist_ladder on 20 training and 10 test images in place of MNIST: it saves networks and results.
include(${CMAKE_CURRENT_LIST_DIR}/expect.cmake)
set(ladder ${MNIST_LADDER} --mnist ${DATA} --csv results.csv --networks networks)

function(expect_kept lines names)
  file(STRINGS "${SCRATCH}/results.csv" found)
  list(LENGTH found count)
  if(NOT count EQUAL lines)
    message(SEND_ERROR "results.csv has ${count} lines, expected ${lines}:\n${found}")
  endif()
  file(GLOB found RELATIVE "${SCRATCH}/networks" "${SCRATCH}/networks/*")
  if(NOT found MATCHES "^${names}$")
    message(SEND_ERROR "the saved networks are ${found}, expected ${names}")
  endif()
endfunction()
set(name "rung1-[0-9a-f]+-seed")

expect(0 "rung 1: error [0-9]+\\.[0-9][0-9] % \\(1 seed, [0-9]+ s\\)\n$" "^$" ${ladder} 1)
expect_kept(2 "${name}1.backquery")
expect(0 "rung 1: error [0-9]+\\.[0-9][0-9] \\+- [0-9]+\\.[0-9][0-9] % \\(2 seeds, [0-9]+ s\\)\n$" "^$" ${ladder} 1 --seed 2
  --seeds 2)
set(three "${name}1.backquery;${name}2.backquery;${name}3.backquery")
expect_kept(4 "${three}")

# Trials are not saved.
expect(0 "rung 1: validation error" "^$" ${ladder} 1 --seed 9 --tune --epochs 1)
expect_kept(4 "${three}")

# Checkpoints change nothing, and a complete training that is resumed adds no second result.
foreach(resume "" --resume)
  expect(0 "rung 1: error" "^$" ${MNIST_LADDER} 1 --mnist ${DATA} --csv checkpoint.csv --networks checkpoint
    --checkpoint rung1.bqm --checkpoint-every 1 ${resume})
  file(STRINGS "${SCRATCH}/checkpoint.csv" lines)
  list(LENGTH lines count)
  if(NOT count EQUAL 2)
    message(SEND_ERROR "checkpoint.csv has ${count} lines, expected 2")
  endif()
  file(GLOB_RECURSE networks "${SCRATCH}/checkpoint/*" "${SCRATCH}/networks/*-seed1.backquery")
  expect_same_files(${networks})
endforeach()
expect_error("rung1.bqm: is the checkpoint of another training: network.seed is 1, expected 2" ${MNIST_LADDER} 1
  --mnist ${DATA} --csv checkpoint.csv --networks checkpoint --checkpoint rung1.bqm --resume --seed 2)

# Of several results of a seed the last counts; results of another recipe do not count.
file(STRINGS "${SCRATCH}/results.csv" results)
list(GET results 1 first)
string(REGEX REPLACE "^.*,([0-9a-f]+)$" "\\1" recipe "${first}")
file(APPEND "${SCRATCH}/results.csv" "1,1,7.00,1.0,1,${recipe}\n1,2,8.00,1.0,1,${recipe}\n1,3,9.00,1.0,1,${recipe}\n"
  "1,1,0.00,1.0,1,00000000\n4,1,0.00,1.0,2,00000000\n")
expect(0 "\\| 1 \\| the book's network[^\n]*\\*\\*8.00 \\+- 1.00\\*\\* \\(3 seeds\\)[^\n]*\n$" "^$" ${ladder} --table)

# A committee loads saved networks. Here these are five copies of one network, so the committee has its error.
file(STRINGS ${SOURCE_DIR}/examples/data/ladder.csv members REGEX "^(7,[123]|8,[12]),")
file(GLOB network "${SCRATCH}/networks/rung1-*-seed1.backquery")
foreach(member IN LISTS members)
  string(REGEX REPLACE "^([0-9]+),([0-9]+),.*,([0-9a-f]+)$" "rung\\1-\\3-seed\\2" member "${member}")
  file(COPY_FILE "${network}" "${SCRATCH}/networks/${member}.backquery")
endforeach()
string(REGEX REPLACE "^1,1,([0-9.]+),.*" "\\1" error "${first}")
string(REPEAT "loading networks/rung[78]-[^\n]*\n" 5 loading)
expect(0 "${loading}rung 9: error ${error} %" "^$" ${ladder} 9)

# Options without effect are rejected, and nothing is trained if the result cannot be saved.
expect_error("rung 4 has no elastic deformation" ${ladder} 4 --tune --elastic-sigma 4)
expect_error("rung 4 has no elastic deformation" ${ladder} 4 --tune --elastic-alpha 36)
expect_error("rung 6 has no elastic deformation" ${ladder} 6 --tune --elastic-alpha 0 --elastic-sigma 4)
expect_error("elastic_sigma is 0" ${MNIST_LADDER} 9 --tune --elastic-alpha 0.5 --elastic-sigma 0 --mnist nowhere)
expect_error("nowhere" ${MNIST_LADDER} 9 --tune --elastic-alpha 36 --mnist nowhere)
expect_error("--method: adamax not in {sgd," ${ladder} 4 --tune --method adamax)
expect_error("--activation: softmax not in {identity,sigmoid," ${ladder} 4 --tune --activation softmax)
expect_error("options.momentum is 0.9" ${MNIST_LADDER} 4 --tune --momentum 0.9 --mnist nowhere)
expect_error("rung 4 deforms nothing" ${ladder} 4 --tune --last-strength 0.5)
expect(0 "validation error" "^$" ${ladder} 4 --tune --epochs 1 --shear 0.3 --last-strength 0.5)
expect_error("--list and --table train nothing" ${ladder} 4 --table)
file(APPEND "${SCRATCH}/results.csv" "1,one,2.50,1.0,2,00000000\n")
expect_error("results.csv: line 11: expected rung,seed,error" ${ladder} 1)
expect_error("results.csv: line 11: expected rung,seed,error" ${ladder} --table)
file(WRITE "${SCRATCH}/torn.csv" "rung,seed,error,seconds,threads,recipe\n1,1,2.50,1.0,1,00000000")
expect_error("torn.csv: line 2: expected rung,seed,error" ${MNIST_LADDER} 1 --mnist ${DATA} --csv torn.csv)
file(MAKE_DIRECTORY "${SCRATCH}/full/probe")
expect_error("full/probe: cannot be saved" ${MNIST_LADDER} 1 --mnist ${DATA} --csv other.csv --networks full)
expect_error("results.csv: cannot be created as a folder" ${MNIST_LADDER} 1 --mnist ${DATA} --csv other.csv --networks results.csv)
expect_error("results.csv: cannot be created as a folder" ${MNIST_LADDER} 1 --mnist ${DATA} --csv results.csv/x)
expect_absent(other.csv *.tmp */*.tmp networks/probe)

# A network without an inverse has no portraits; the trainer says so before it trains.
expect(0 "rung 3: error" "^$" ${MNIST_LADDER} 3 --mnist ${DATA} --csv relu.csv --networks relu)
file(GLOB relu "${SCRATCH}/relu/*.backquery")
expect_error("activation relu has no inverse" ${MNIST_TRAIN} --load ${relu} --epochs 1 --save late.model
  --backquery late.png)
expect_absent(late.*)

# A network that learns nothing is reported with a hint.
expect(0 "hint: nothing was learned.*\nrung 4: error on the bundled sample" "^$" ${ladder} 4 --quick
  --epochs 1 --rate 1e-9)

# relu has no inverse: mnist_backquery has dreams of its networks, and no portraits.
expect(0 "rung 3: error" "^$" ${MNIST_LADDER} 3 --mnist ${DATA} --csv relu.csv --networks relu)
file(GLOB network "${SCRATCH}/relu/*")
expect(0 "^no portraits: activation relu has no inverse[^\n]*\n.*  3\n.*its own dreams.*  3: 3, .*all dreams: dreams.png\n$" "^$"
  ${MNIST_BACKQUERY} --load ${network} --dream --digit 3 --png dreams.png)
expect_error("has no portraits: activation relu has no inverse.*--dream needs no inverse" ${MNIST_BACKQUERY} --load ${network})
