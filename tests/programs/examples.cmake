# Tests that run the example programs.
set(scripts ${CMAKE_CURRENT_LIST_DIR})
set(data ${PROJECT_SOURCE_DIR}/tests/data)

add_test(NAME example.mnist_train COMMAND mnist_train --epochs 10 --rotate 10)
set_tests_properties(example.mnist_train PROPERTIES  # at least 0.87 on the bundled test digits, in the last line
  PASS_REGULAR_EXPRESSION "performance = (0\\.8[7-9]|0\\.9|1\\.0)[0-9]*\n$")
foreach(script options run report idx files fetch terminal)
  add_test(NAME trainer.${script} COMMAND ${CMAKE_COMMAND}
    -DMNIST_TRAIN=$<TARGET_FILE:mnist_train> -DMNIST_BACKQUERY=$<TARGET_FILE:mnist_backquery>
    -DMNIST_IDX_TO_CSV=$<TARGET_FILE:mnist_idx_to_csv> -DFETCH_MNIST=${PROJECT_SOURCE_DIR}/cmake/fetch_mnist.cmake
    -DDATA=${data}/trainer -DSAMPLE=${PROJECT_SOURCE_DIR}/examples/data/mnist_train_1000.csv
    -DHAS_GZIP=$<TARGET_EXISTS:backquery::gzip> -DSCRATCH=${CMAKE_CURRENT_BINARY_DIR}/trainer_${script}
    -P ${scripts}/trainer_${script}.cmake)
endforeach()
set_tests_properties(trainer.terminal PROPERTIES SKIP_REGULAR_EXPRESSION "^skipped: ")
add_test(NAME trainer.terminal_skipped COMMAND ${CMAKE_COMMAND} -DSCRIPT=${CMAKE_COMMAND}
  -DSCRATCH=${CMAKE_CURRENT_BINARY_DIR}/trainer_terminal_skipped -P ${scripts}/trainer_terminal.cmake)
set_tests_properties(trainer.terminal_skipped PROPERTIES
  PASS_REGULAR_EXPRESSION "^skipped: no pseudo-terminal can be made here\n$")

add_test(NAME example.backquery_model COMMAND ${CMAKE_COMMAND} -DBACKQUERY_MODEL=$<TARGET_FILE:backquery_model>
  -DMNIST_TRAIN=$<TARGET_FILE:mnist_train> -DDATA=${data} -DHAS_ONNX=$<TARGET_EXISTS:backquery::onnx> -DSCRATCH=${CMAKE_CURRENT_BINARY_DIR}/backquery_model
  -P ${scripts}/model_files.cmake)

add_test(NAME example.mnist_query COMMAND ${CMAKE_COMMAND} -DMNIST_QUERY=$<TARGET_FILE:mnist_query>
  -DMNIST_TRAIN=$<TARGET_FILE:mnist_train> -DDEFORMATION_SHEET=$<TARGET_FILE:deformation_sheet>
  -DDATA=${data}/pictures -DTINY=${data}/trainer/tiny.csv -DSCRATCH=${CMAKE_CURRENT_BINARY_DIR}/mnist_query
  -P ${scripts}/handwriting_pictures.cmake)

foreach(part kills injected signals disk)
  backquery_add_checkpoint_test(mnist_train ${part})
endforeach()

add_test(NAME example.lessons_without_place COMMAND ${CMAKE_COMMAND}
  -DACTIVATION=$<TARGET_FILE:activation> -DLOGIC_GATES=$<TARGET_FILE:logic_gates>
  -DGRADIENT_DESCENT=$<TARGET_FILE:gradient_descent> -DSCRATCH=${CMAKE_CURRENT_BINARY_DIR}/lessons_without_place
  -P ${scripts}/lessons_without_place.cmake)

add_test(NAME example.sweet_spots COMMAND sweet_spots --quick)
add_test(NAME example.deformation_sheet COMMAND deformation_sheet)
set_tests_properties(example.deformation_sheet PROPERTIES
  PASS_REGULAR_EXPRESSION "^deformation_sheet.png: 10 images, each as it is and deformed 10 times\n$")

foreach(rung 1 7 9)  # the two ways to train, and a committee; on the bundled sample
  add_test(NAME example.mnist_ladder.${rung} COMMAND mnist_ladder ${rung} --quick --epochs 1)
  set_tests_properties(example.mnist_ladder.${rung} PROPERTIES
    PASS_REGULAR_EXPRESSION "rung ${rung}: error on the bundled sample [1-6]?[0-9]\\.[0-9]+ % \\(1 seed, [0-9]+ s\\)\n$")
endforeach()
add_test(NAME example.mnist_ladder.missing COMMAND mnist_ladder 4 --mnist nowhere)
set_tests_properties(example.mnist_ladder.missing PROPERTIES PASS_REGULAR_EXPRESSION
  "nowhere/train-images-idx3-ubyte: not found; download MNIST by `cmake -P cmake/fetch_mnist.cmake`")
add_test(NAME example.mnist_ladder.changed COMMAND mnist_ladder 4 --dropout 0.3)
set_tests_properties(example.mnist_ladder.changed PROPERTIES PASS_REGULAR_EXPRESSION
  "the test digits are not for choosing recipes; expected --tune")
add_test(NAME example.mnist_ladder.run COMMAND ${CMAKE_COMMAND}
  -DMNIST_LADDER=$<TARGET_FILE:mnist_ladder> -DMNIST_TRAIN=$<TARGET_FILE:mnist_train>
  -DMNIST_BACKQUERY=$<TARGET_FILE:mnist_backquery> -DSOURCE_DIR=${PROJECT_SOURCE_DIR}
  -DDATA=${data}/ladder -DSCRATCH=${CMAKE_CURRENT_BINARY_DIR}/ladder_run -P ${scripts}/ladder_run.cmake)
add_test(NAME example.mnist_ladder.table COMMAND ${CMAKE_COMMAND}
  -DPROGRAM=$<TARGET_FILE:mnist_ladder> -DSOURCE_DIR=${PROJECT_SOURCE_DIR} -P ${scripts}/ladder_table.cmake)
