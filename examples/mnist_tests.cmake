# The command lines of the MNIST programs, run as a person would.
set(trainer_tests ${PROJECT_SOURCE_DIR}/tests)
foreach(script options run idx fetch)
  add_test(NAME trainer.${script} COMMAND ${CMAKE_COMMAND}
    -DMNIST_TRAIN=$<TARGET_FILE:mnist_train> -DMNIST_BACKQUERY=$<TARGET_FILE:mnist_backquery>
    -DMNIST_IDX_TO_CSV=$<TARGET_FILE:mnist_idx_to_csv> -DFETCH_MNIST=${PROJECT_SOURCE_DIR}/cmake/fetch_mnist.cmake
    -DDATA=${trainer_tests}/data/trainer -DSCRATCH=${CMAKE_CURRENT_BINARY_DIR}/trainer_${script}
    -P ${trainer_tests}/trainer_${script}.cmake)
endforeach()
