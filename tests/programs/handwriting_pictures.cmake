# mnist_query and mnist_train on pictures: a photo that the camera stored on its side, a drawing on a transparent
# ground, chalk on a board, and files that are no pictures of digits.
include(${CMAKE_CURRENT_LIST_DIR}/expect.cmake)
expect(0 "performance = " "^$" ${MNIST_TRAIN} --epochs 10 --rotate 10 --save digits.model)
file(MAKE_DIRECTORY "${SCRATCH}/digits")
foreach(name 0_chalk.bmp 1_transparent.png 7_photo.jpg)
  file(COPY_FILE ${DATA}/${name} "${SCRATCH}/digits/${name}")
endforeach()
expect(0 "7_photo.jpg: 7, dark on light\n +7 .*1_transparent.png: 1, dark.*0_chalk.bmp: 0, light on dark.*: contact_sheet.png\n$"
  "^$" ${MNIST_QUERY} digits.model --single digits/7_photo.jpg digits/1_transparent.png digits/0_chalk.bmp)
expect(0 "test      3 images of 28 x 28 from digits.*performance = 1.0000\n$" "^$"
  ${MNIST_TRAIN} --load digits.model --test digits)
expect(0 "predictions of 3 images" "^$" ${MNIST_TRAIN} --load digits.model --test digits --predict out.csv)
file(READ "${SCRATCH}/out.csv" predictions)
if(NOT predictions STREQUAL "ImageId,Label\n1,0\n2,1\n3,7\n")
  message(SEND_ERROR "predictions of 0, 1 and 7:\n${predictions}")
endif()

# Several digits in one picture, in reading order: a row of eleven equal digits of each class.
expect(0 "10 images" "^$" ${DEFORMATION_SHEET} --degrees 0 --scale 0 --shift 0 --elastic-alpha 0 --png sheet.png)
expect(0 "sheet.png: 0+1+2+3+4+5+6+7+8+9+, dark on light\n" "^$" ${MNIST_QUERY} digits.model sheet.png --sheet seen.png)
string(REGEX MATCHALL "probability" found "${output}")
list(LENGTH found count)
if(NOT count EQUAL 110)
  message(SEND_ERROR "${count} digits were found, expected 110")
endif()

# A rejected picture does not stop the program.
expect(1 "7_photo.jpg: 7.*: contact_sheet.png\n$" "^mnist_query: [^\n]*blank.png: the image of 60 x 60 has no ink, expected [^\n]*\n$"
  ${MNIST_QUERY} digits.model ${DATA}/blank.png digits/7_photo.jpg)
file(WRITE "${SCRATCH}/text.png" "no picture")
file(REMOVE "${SCRATCH}/contact_sheet.png")
expect_error("text.png: is no picture, expected a PNG, JPEG or BMP file" ${MNIST_QUERY} digits.model text.png)
expect_error("none.png: cannot be opened" ${MNIST_QUERY} digits.model none.png)
expect_absent(contact_sheet.png)
expect_error("digits: is a folder, expected a PNG, JPEG or BMP file; mnist_train --test digits tests a folder of labeled"
  ${MNIST_QUERY} digits.model digits)
expect_error("(PICTURE is required|PICTURE: .*required).*, expected MODEL PICTURE\\.\\.\\.; see --help" ${MNIST_QUERY} text.png)
foreach(picture 1_transparent.png 7_photo.jpg 0_chalk.bmp)
  foreach(predict "" "--predict;out.csv")
    expect_error("${picture}: is a picture: give the folder of pictures named by their labels, such as 7_anything.png, or use"
      ${MNIST_TRAIN} --load digits.model --test ${DATA}/${picture} ${predict})
  endforeach()
endforeach()
expect_error("--sheet: is 'a.jpg', expected a name that ends in .png" ${MNIST_QUERY} digits.model text.png --sheet a.jpg)
expect_error("blank.png: the name has no label, expected a name such as 7_anything.png" ${MNIST_TRAIN} --load digits.model
  --test ${DATA})
file(COPY ${DATA}/ DESTINATION "${SCRATCH}/faulty")  # one more fault than is listed, and three digits
foreach(number RANGE 10 29)
  file(WRITE "${SCRATCH}/faulty/3_${number}.png" "no picture")
endforeach()
expect(1 "" "^mnist_train: faulty: 21 of 24 pictures are rejected\n  faulty/3_10.png: is no picture, .*  faulty/3_29.png: [^\n]*\n  and 1 more\n$"
  ${MNIST_TRAIN} --load digits.model --test faulty)
file(REMOVE "${SCRATCH}/faulty/3_10.png")
expect(1 "" "  faulty/blank.png: the name has no label[^\n]*\n$" ${MNIST_TRAIN} --load digits.model --test faulty)
expect(1 "" "20 of 23 .*  faulty/blank.png: the image of 60 x 60 has no ink[^\n]*\n$"
  ${MNIST_TRAIN} --load digits.model --test faulty --predict out.csv)
file(MAKE_DIRECTORY "${SCRATCH}/empty")
expect_error("empty: has no pictures, expected PNG, JPEG or BMP files" ${MNIST_TRAIN} --load digits.model --test empty)
expect(0 "performance = " "^$" ${MNIST_TRAIN} --train ${TINY} --test ${TINY} --hidden 7 --save small.model)
expect_error("small.model: takes 16 inputs, expected 784" ${MNIST_QUERY} small.model text.png)
