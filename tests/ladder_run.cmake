# mnist_ladder where it counts: on files that stand in for MNIST's, 20 digits and 10, networks and results are kept.
include(${CMAKE_CURRENT_LIST_DIR}/trainer_expect.cmake)
set(ladder ${MNIST_LADDER} --mnist ${DATA} --csv results.csv --networks networks)

function(expect_lines count)
  file(STRINGS "${SCRATCH}/results.csv" lines)
  list(LENGTH lines found)
  if(NOT found EQUAL count)
    message(SEND_ERROR "results.csv has ${found} lines, expected ${count}:\n${lines}")
  endif()
endfunction()

expect(0 "rung 1: error [0-9]+\\.[0-9][0-9] % \\(1 seed, [0-9]+ s\\)\n$" "^$" ${ladder} 1)
expect_lines(2)
expect(0 "rung 1: error [0-9]+\\.[0-9][0-9] \\+- [0-9]+\\.[0-9][0-9] % \\(2 seeds, [0-9]+ s\\)\n$" "^$" ${ladder} 1 --seed 2
  --seeds 2)
expect_lines(4)
file(GLOB networks RELATIVE "${SCRATCH}/networks" "${SCRATCH}/networks/*")
if(NOT networks MATCHES "^rung1-[0-9a-f]+-seed1.backquery;rung1-[0-9a-f]+-seed2.backquery;rung1-[0-9a-f]+-seed3.backquery$")
  message(SEND_ERROR "kept, expected the networks of three seeds: ${networks}")
endif()

# What was tried is kept nowhere.
expect(0 "rung 1: validation error" "^$" ${ladder} 1 --tune --epochs 1)
expect_lines(4)

# Of a seed that was trained again the last result counts, and a recipe's results are not another's.
expect(0 "rung 1: error" "^$" ${ladder} 1)
expect_lines(5)
file(APPEND "${SCRATCH}/results.csv" "4,1,0.00,1.0,2,00000000\n")
expect(0 "\\| 1 \\| the notes' network.*\\(3 seeds\\)[^\n]*\n$" "^$" ${ladder} --table)

# Nothing is trained where the result would be lost, or the digits are not there.
expect_error("rung 4 has no elastic deformation" ${ladder} 4 --tune --elastic-sigma 4)
expect_error("rung 4 deforms nothing" ${ladder} 4 --tune --last-strength 0.5)
expect(0 "validation error" "^$" ${ladder} 4 --tune --epochs 1 --shear 0.3 --last-strength 0.5)
expect_error("--list and --table train nothing" ${ladder} 4 --table)
file(APPEND "${SCRATCH}/results.csv" "1,one,2.50,1.0,2,00000000\n")
expect_error("results.csv: line 7: expected rung,seed,error" ${ladder} 1)
expect_error("results.csv: line 7: expected rung,seed,error" ${ladder} --table)
file(WRITE "${SCRATCH}/file" "")
expect_error("file" ${MNIST_LADDER} 1 --mnist ${DATA} --csv other.csv --networks file)
file(REMOVE "${SCRATCH}/file")
expect_absent(file other.csv *.part networks/probe)
