# fetch_mnist.cmake with mirrors that have broken files: it fails with a message and leaves no broken file in
# place.
include(${CMAKE_CURRENT_LIST_DIR}/expect.cmake)
find_program(GZIP gzip REQUIRED)

# The files of one mirror are truncated; the files of the other have wrong contents.
foreach(name train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte)
  file(WRITE "${SCRATCH}/half/${name}.gz" "cut short")
  file(WRITE "${SCRATCH}/other/${name}" "something else")
  execute_process(COMMAND ${GZIP} "${SCRATCH}/other/${name}")
endforeach()
file(WRITE "${SCRATCH}/mnist/train-images-idx3-ubyte" "a partial file of earlier")

expect(1 "" "Could not fetch.*t10k-labels-idx1-ubyte.*train-images-idx3-ubyte" ${CMAKE_COMMAND}
  -DDESTINATION=mnist "-DMIRRORS=file://${SCRATCH}/half\;file://${SCRATCH}/other\;file://${SCRATCH}/none" -DNPM=
  -P ${FETCH_MNIST})
file(GLOB left RELATIVE "${SCRATCH}/mnist" "${SCRATCH}/mnist/*" "${SCRATCH}/mnist/.*")
list(REMOVE_ITEM left . ..)
if(NOT left STREQUAL "train-images-idx3-ubyte.wrong")
  message(SEND_ERROR "left in place: ${left}")
endif()
