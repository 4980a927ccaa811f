# cmake -DIN=file -DOUT=file.c -P embed.cmake: the file's bytes as a C array.
file (READ ${IN} hex HEX)
string (REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string (REGEX REPLACE "((0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,))" "\\1\n" bytes "${bytes}")
file (WRITE ${OUT} "#include \"collector/cli/shipped_catalogue.h\"\n\nconst unsigned char shipped_catalogue[] = {\n${bytes}0};\nconst size_t shipped_catalogue_size = sizeof shipped_catalogue - 1;\n")
