# The README's table of the ladder is what mnist_ladder makes of the results that were committed: these rows, the first of
# them rung 1, and no more, which the empty line behind the table shows.
execute_process(COMMAND ${PROGRAM} --table --csv ${SOURCE_DIR}/examples/data/ladder.csv
  OUTPUT_VARIABLE table COMMAND_ERROR_IS_FATAL ANY)
file(READ ${SOURCE_DIR}/README.md readme)
string(FIND "${readme}" "\n\n${table}\n" place)
if(NOT table MATCHES "\n[|] 1 [|]" OR place EQUAL -1)
  message(FATAL_ERROR "README.md does not have this table, of examples/data/ladder.csv:\n${table}")
endif()
