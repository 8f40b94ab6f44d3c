# The README's code as it stands there: its program is compiled and run on the bundled digits, its line compiled.
set(readme ${PROJECT_SOURCE_DIR}/README.md)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${readme})
file(READ ${readme} text)
if(NOT text MATCHES "```cpp\n(#include [^`]*)```.*```cpp\n(backquery::[^`]*)```")
  message(FATAL_ERROR "README.md has lost its program, or the line with another network")
endif()
set(folder ${CMAKE_CURRENT_BINARY_DIR}/readme)
file(WRITE ${folder}/program.cpp.new "${CMAKE_MATCH_1}")
file(WRITE ${folder}/line.cpp.new "#include <backquery/backquery.hpp>\nvoid line() {\n  ${CMAKE_MATCH_2}}\n")
foreach(name IN ITEMS program line)
  configure_file(${folder}/${name}.cpp.new ${folder}/${name}.cpp COPYONLY)  # touched only where it changed
endforeach()
configure_file(${PROJECT_SOURCE_DIR}/examples/data/mnist_train_1000.csv ${folder}/mnist_train.csv COPYONLY)
configure_file(${PROJECT_SOURCE_DIR}/examples/data/mnist_test_500.csv ${folder}/mnist_test.csv COPYONLY)

add_executable(readme_program ${folder}/program.cpp ${folder}/line.cpp)
target_link_libraries(readme_program PRIVATE backquery::backquery)
add_test(NAME readme.program COMMAND readme_program WORKING_DIRECTORY ${folder})
# One pass over 1,000 digits; chance would be 0.1.
set_tests_properties(readme.program PROPERTIES PASS_REGULAR_EXPRESSION "^performance = 0\\.[67][0-9]*\n$")
