# mnist_train shows a progress bar at a terminal. The check is skipped where no pseudo-terminal can be made.
include(${CMAKE_CURRENT_LIST_DIR}/expect.cmake)
find_program(SCRIPT script)
if(SCRIPT)
  execute_process(COMMAND ${SCRIPT} -qec true "${SCRATCH}/probe" RESULT_VARIABLE result OUTPUT_QUIET ERROR_QUIET)
endif()
if(NOT CMAKE_HOST_SYSTEM_NAME STREQUAL "Linux" OR NOT SCRIPT OR NOT result EQUAL 0)
  message("skipped: no pseudo-terminal can be made here")
  return()
endif()
expect(0 "epoch 1 of 1 \\[.*samples/s .* left.*performance = " "" ${SCRIPT} -qec
  "'${MNIST_TRAIN}' --epochs 1 --rotate 10 --hidden 800" ${SCRATCH}/typescript)
