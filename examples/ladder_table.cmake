# The README's table of the ladder is what mnist_ladder makes of the results that were committed.
execute_process(COMMAND ${PROGRAM} --table --csv ${SOURCE_DIR}/examples/data/ladder.csv
  OUTPUT_VARIABLE table COMMAND_ERROR_IS_FATAL ANY)
file(READ ${SOURCE_DIR}/README.md readme)
string(FIND "${readme}" "${table}" place)
if(table STREQUAL "" OR place EQUAL -1)
  message(FATAL_ERROR "README.md does not have this table, of examples/data/ladder.csv:\n${table}")
endif()
