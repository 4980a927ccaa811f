# cmake "-DIN=file;file" -DOUT=file.c -P embed.cmake: the files' bytes as C arrays, and the table of them.
set (types_css "text/css; charset=utf-8")
set (types_js "text/javascript; charset=utf-8")
set (types_svg "image/svg+xml")
set (arrays "")
set (table "")
set (n 0)
foreach (path ${IN})
  get_filename_component (name ${path} NAME)
  get_filename_component (ending ${path} LAST_EXT)
  string (SUBSTRING "${ending}" 1 -1 ending)
  file (READ ${path} hex HEX)
  string (REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string (APPEND arrays "static const unsigned char file_${n}[] = {\n${bytes}0};\n")
  string (APPEND table "    {\"/static/${name}\", \"${types_${ending}}\", file_${n}, sizeof file_${n} - 1},\n")
  math (EXPR n "${n} + 1")
endforeach ()
file (WRITE ${OUT} "#include \"collector/web/static.h\"

${arrays}
const static_file_t static_files[] = {
${table}    {0, 0, 0, 0},
};
")
