# cmake -DIN=file -DOUT=file.c -P embed.cmake: the file's bytes as a C array.
file (READ ${IN} hex HEX)
string (REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file (WRITE ${OUT} "#include \"common/shipped/catalogue.h\"

const unsigned char shipped_catalogue[] = {
${bytes}0};
const size_t shipped_catalogue_size = sizeof shipped_catalogue - 1;
")
