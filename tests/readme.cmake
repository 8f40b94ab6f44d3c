# The README's C++ as it stands there: the program is compiled and run on the bundled digits, the other pieces compiled.
set(readme ${PROJECT_SOURCE_DIR}/README.md)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${readme})
file(READ ${readme} text)
string(REPLACE ";" "<semicolon>" text "${text}")  # which would part the list of matches
string(REGEX MATCHALL "```cpp\n[^`]*```" pieces "${text}")
list(LENGTH pieces count)
if(count LESS 4)
  message(FATAL_ERROR "README.md has ${count} pieces of C++, expected its program and three more")
endif()
set(folder ${CMAKE_CURRENT_BINARY_DIR}/readme)
set(number 0)
set(sources)
foreach(piece IN LISTS pieces)
  string(REGEX REPLACE "^```cpp\n|```$" "" code "${piece}")
  if(number EQUAL 0)
    set(source "${code}")
  else()  # goes on from the program
    string(REGEX MATCHALL "#include [^\n]*\n" includes "${code}")
    list(JOIN includes "" includes)
    string(REGEX REPLACE "#include [^\n]*\n" "" code "${code}")
    set(parameters "[[maybe_unused]] const backquery::LabeledImages& training, "
      "[[maybe_unused]] const backquery::LabeledImages& test, "
      "[[maybe_unused]] const backquery::NeuralNetwork<float>& net")
    list(JOIN parameters "" parameters)
    set(source "#include <backquery/backquery.hpp>\n#include <iostream>\n${includes}\n")
    string(APPEND source "void piece_${number}(${parameters})<semicolon>\n")
    string(APPEND source "void piece_${number}(${parameters}) {\n${code}}\n")
  endif()
  string(REPLACE "<semicolon>" ";" source "${source}")
  file(WRITE ${folder}/piece_${number}.cpp.new "${source}")
  configure_file(${folder}/piece_${number}.cpp.new ${folder}/piece_${number}.cpp COPYONLY)  # touched only where it changed
  list(APPEND sources ${folder}/piece_${number}.cpp)
  math(EXPR number "${number} + 1")
endforeach()
configure_file(${PROJECT_SOURCE_DIR}/examples/data/mnist_train_1000.csv ${folder}/mnist_train.csv COPYONLY)
configure_file(${PROJECT_SOURCE_DIR}/examples/data/mnist_test_500.csv ${folder}/mnist_test.csv COPYONLY)

add_executable(readme_program ${sources})
target_link_libraries(readme_program PRIVATE backquery::backquery)
set_target_properties(readme_program PROPERTIES UNITY_BUILD OFF)  # no piece borrows an include from another
add_test(NAME readme.program COMMAND readme_program WORKING_DIRECTORY ${folder})
# One pass over 1,000 digits; chance would be 0.1.
set_tests_properties(readme.program PROPERTIES PASS_REGULAR_EXPRESSION "^performance = 0\\.[67][0-9]*\n$")
