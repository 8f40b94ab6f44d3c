# A lesson that cannot write its picture ends with one line on the error stream and exit code 1.
include(${CMAKE_CURRENT_LIST_DIR}/expect.cmake)
foreach(picture activation logic_gates gradient_descent_map gradient_descent_valleys)
  file(MAKE_DIRECTORY "${SCRATCH}/${picture}.svg")
endforeach()
expect_error("activation.svg: cannot be written" ${ACTIVATION})
expect_error("logic_gates.svg: cannot be written" ${LOGIC_GATES})
expect_error("gradient_descent_[a-z]+.svg: cannot be written" ${GRADIENT_DESCENT})
