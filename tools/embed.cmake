# quittance_embed(<target> <name> <root> <file>...) compiles files into the target; they are found
# through `const EmbeddedFile* embedded_<name>(std::size_t& count)` (base/embedded.hpp).
function(quittance_embed target name root)
  set(asm ".section .rodata\n")
  set(rows "")
  set(declarations "")
  set(index 0)
  foreach(file ${ARGN})
    set(symbol "quittance_${name}_${index}")
    string(APPEND asm ".balign 16\n.globl ${symbol}\n${symbol}:\n.incbin \"${file}\"\n"
      ".globl ${symbol}_end\n${symbol}_end:\n.byte 0\n")
    file(RELATIVE_PATH short ${root} ${file})
    string(APPEND declarations
      "extern const char ${symbol}[];\nextern const char ${symbol}_end[];\n")
    string(APPEND rows "    {\"${short}\", {${symbol}, "
      "static_cast<std::size_t>(${symbol}_end - ${symbol})}},\n")
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
  static const EmbeddedFile kFiles[] = {
${rows}  };
  return kFiles;
}
}  // namespace quittance::base
" @ONLY)
  set_source_files_properties(${out}.S PROPERTIES OBJECT_DEPENDS "${ARGN}")
  set_source_files_properties(${out}.cpp PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  target_sources(${target} PRIVATE ${out}.S ${out}.cpp)
endfunction()
