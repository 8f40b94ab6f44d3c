# A killed and continued training ends with the same model file as an undisturbed one. PROGRAM is
# mnist_train or checkpoint_training, and PART one of:
#
#     kills     SIGKILL at 20 random moments
#     injected  SIGKILL in place of each write, fsync and rename, by strace
#     signals   SIGINT and SIGTERM; only for mnist_train
#     disk      a full disk, and folders in which no file can be saved; only for mnist_train
include(${CMAKE_CURRENT_LIST_DIR}/expect.cmake)

if(PROGRAM MATCHES "mnist_train")
  # The last block of an epoch has one image, for which NeuralNetwork::train takes another way.
  file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/../../examples/data/mnist_train_1000.csv images LIMIT_COUNT 257)
  list(JOIN images "\n" images)
  file(WRITE "${SCRATCH}/images.csv" "${images}")
  set(plain ${PROGRAM} --train images.csv --hidden 10 --epochs 3 --rotate 5 --shuffle --save)
  set(train ${plain} final.model --checkpoint training.bqm --checkpoint-every 1 --resume)
  set(undisturbed ${plain} undisturbed.model)
else()
  set(epochs 3)
  if(PART STREQUAL "kills")
    set(epochs 10)
  endif()
  set(train ${PROGRAM} ${epochs} final.model training.bqm)
  set(undisturbed ${PROGRAM} ${epochs} undisturbed.model)
endif()
expect(0 "" "^$" ${undisturbed})

# Continues a training and compares its model. `killed` is the time of the kill, for messages.
function(expect_same_model killed)
  expect(0 "" "^$" ${train})
  execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files undisturbed.model final.model
    WORKING_DIRECTORY "${SCRATCH}" RESULT_VARIABLE different)
  if(different)
    message(SEND_ERROR "the model of a training that was killed ${killed} differs")
  endif()
  expect_absent(training.bqm.*.tmp)
  file(REMOVE "${SCRATCH}/training.bqm" "${SCRATCH}/final.model")
endfunction()

function(kills)
  set(interrupted 0)
  foreach(kill RANGE 1 20)
    string(RANDOM LENGTH 2 ALPHABET 0123456789 hundredths)
    execute_process(COMMAND ${train} WORKING_DIRECTORY "${SCRATCH}" RESULT_VARIABLE result
      OUTPUT_QUIET ERROR_QUIET TIMEOUT 0.0${hundredths})
    if(NOT result STREQUAL 0)
      math(EXPR interrupted "${interrupted} + 1")
    endif()
    expect_same_model("after 0.0${hundredths} s")
  endforeach()
  message("killed ${interrupted} of 20 trainings before their end")
endfunction()

function(injected)
  find_program(STRACE strace)
  if(STRACE)
    execute_process(COMMAND ${STRACE} -qq -o ${SCRATCH}/trace true RESULT_VARIABLE failed ERROR_QUIET)
  endif()
  if(NOT STRACE OR failed)
    message("skipped: strace is missing, or may not trace here")
    return()
  endif()
  set(killed 0)
  foreach(call write fsync rename)
    set(finished FALSE)
    foreach(number RANGE 1 200)
      execute_process(COMMAND ${STRACE} -f -qq -o ${SCRATCH}/trace -e trace=write,fsync,rename
        -e inject=${call}:signal=SIGKILL:when=${number} ${train}
        WORKING_DIRECTORY "${SCRATCH}" RESULT_VARIABLE result OUTPUT_QUIET)
      if(result STREQUAL 0)
        set(finished TRUE)
        break()
      endif()
      math(EXPR killed "${killed} + 1")
      expect_same_model("at ${call} ${number}")
    endforeach()
    if(NOT finished)
      message(SEND_ERROR "the training was killed at each ${call}, expected fewer than 200")
    endif()
    file(REMOVE "${SCRATCH}/training.bqm" "${SCRATCH}/final.model")
  endforeach()
  message("killed at ${killed} calls")
  if(killed LESS 20)
    message(SEND_ERROR "expected at least 20 calls")
  endif()
  # Each file is flushed before it is renamed, and its folder after that.
  file(READ "${SCRATCH}/trace" trace)
  string(REGEX MATCHALL "fsync\\([0-9]+\\) += 0\n[^\n]*rename[^\n]*\"[a-z0-9.]*[.]tmp\"[^\n]*\n[^\n]*fsync\\([0-9]+\\) += 0\n"
    renames "${trace}")
  string(REGEX MATCHALL "rename" all "${trace}")
  list(LENGTH renames flushed)
  list(LENGTH all count)
  if(flushed EQUAL 0 OR NOT flushed EQUAL count)
    message(SEND_ERROR "${flushed} of ${count} renamed files were flushed, with their folders:\n${trace}")
  endif()
endfunction()

# Sends a signal when the first checkpoint exists, then runs the command that the program prints.
function(signals)
  find_program(SH sh)
  if(NOT UNIX OR NOT SH)
    message("skipped: no shell can send a signal here")
    return()
  endif()
  set(plain ${PROGRAM} --hidden 10 --epochs 100 --save)
  file(WRITE "${SCRATCH}/signal.sh" "name=$1; shift
    \"$@\" & program=$!
    while ! [ -e training.bqm ]; do sleep 0.01; done
    kill -$name $program
    wait $program\n")
  expect(0 "" "^$" ${plain} undisturbed.model)
  foreach(signal "INT;130" "TERM;143")
    list(POP_FRONT signal name code)
    expect(${code} "training.bqm: has the checkpoint of a training that was stopped in epoch [0-9]+; to continue:\n  [^\n]*\n$"
      "^$" ${SH} signal.sh ${name} ${plain} "it's final.model" --checkpoint training.bqm --checkpoint-every 1)
    string(REGEX REPLACE "^.*\n  ([^\n]*)\n$" "\\1" command "${output}")
    expect(0 "resumed   in epoch [0-9]+ after [0-9]+ of 1,000 images, from training.bqm\n.*performance = " "^$"
      ${SH} -c "${command}")
    expect_same_files("${SCRATCH}/undisturbed.model" "${SCRATCH}/it's final.model")
    file(REMOVE "${SCRATCH}/training.bqm")
  endforeach()
endfunction()

function(disk)
  expect_error("none/training.bqm: cannot be saved: No such file or directory"
    ${plain} final.model --checkpoint none/training.bqm)
  file(MAKE_DIRECTORY "${SCRATCH}/folder")
  expect_error("folder: cannot be saved: expected a regular file or none" ${plain} final.model --checkpoint folder)
  expect_absent(final.model)

  file(MAKE_DIRECTORY "${SCRATCH}/disk")
  find_program(UNSHARE unshare)
  set(mounted ${UNSHARE} -r -m sh -c "mount -t tmpfs -o size=48k tmpfs disk && \"$@\"" sh)
  if(UNSHARE)
    execute_process(COMMAND ${mounted} true WORKING_DIRECTORY "${SCRATCH}" RESULT_VARIABLE failed ERROR_QUIET)
  endif()
  if(NOT UNSHARE OR failed)
    message("skipped: no small disk can be mounted here")
    return()
  endif()
  # The disk has space for one checkpoint, but not for a second one beside it.
  list(JOIN plain "' '" command)
  file(WRITE "${SCRATCH}/full.sh" "
    '${command}' final.model --checkpoint disk/training.bqm --checkpoint-every 1
    cp disk/training.bqm .
    ls disk
    mount -o remount,ro disk
    '${command}' final.model --checkpoint disk/training.bqm --resume
    cmp disk/training.bqm training.bqm && echo unchanged\n")
  expect(0 "\ntraining.bqm\n.*unchanged\n$"
    "^mnist_train: disk/training.bqm: cannot be saved: No space left on device\nmnist_train: disk/training.bqm: cannot be saved: Read-only file system\n$"
    ${mounted} sh full.sh)
  expect_same_model("by a full disk")
endfunction()

cmake_language(CALL ${PART})
