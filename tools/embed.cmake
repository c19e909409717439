# quittance_embed(<target> <name> <root> <file>...) compiles files into the target; they are found
# through `std::span<const EmbeddedFile> embedded_<name>()` (base/embedded.hpp).
function(quittance_embed target name root)
  set(asm ".section .rodata\n")
  set(rows "")
  set(declarations "")
  string(SUBSTRING ${name} 0 1 initial)
  string(TOUPPER ${initial} initial)
  string(REGEX REPLACE "^." "${initial}" title ${name})
  set(index 0)
  foreach(file ${ARGN})
    set(symbol "kQuittance${title}${index}")
    string(APPEND asm ".balign 16\n.globl ${symbol}\n${symbol}:\n.incbin \"${file}\"\n"
      ".globl ${symbol}End\n${symbol}End:\n.byte 0\n")
    file(RELATIVE_PATH short ${root} ${file})
    string(APPEND declarations
      "extern const char ${symbol}[];\nextern const char ${symbol}End[];\n")
    string(APPEND rows "    {\"${short}\", {${symbol}, "
      "static_cast<std::size_t>(${symbol}End - ${symbol})}},\n")
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND asm ".section .note.GNU-stack,\"\",@progbits\n")
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embedded_${name})
  file(CONFIGURE OUTPUT ${out}.S CONTENT "${asm}" @ONLY)
  file(CONFIGURE OUTPUT ${out}.cpp CONTENT "#include \"base/base.hpp\"
extern \"C\" {
${declarations}}
namespace quittance::base {
std::span<const EmbeddedFile> embedded_${name}() {
  static const EmbeddedFile files[] = {
${rows}  };
  return files;
}
}  // namespace quittance::base
" @ONLY)
  set_source_files_properties(${out}.S PROPERTIES OBJECT_DEPENDS "${ARGN}")
  set_source_files_properties(${out}.cpp PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  target_sources(${target} PRIVATE ${out}.S ${out}.cpp)
endfunction()
