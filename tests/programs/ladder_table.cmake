# examples/README.md must contain the table that mnist_ladder prints for the committed results: exactly these
# rows, followed by an empty line.
execute_process(COMMAND ${PROGRAM} --table --csv ${SOURCE_DIR}/examples/data/ladder.csv
  OUTPUT_VARIABLE table COMMAND_ERROR_IS_FATAL ANY)
file(READ ${SOURCE_DIR}/examples/README.md readme)
string(FIND "${readme}" "\n\n${table}\n" position)
if(NOT table MATCHES "\n[|] 1 [|]" OR position EQUAL -1)
  message(FATAL_ERROR "examples/README.md does not have this table, of examples/data/ladder.csv:\n${table}")
endif()
