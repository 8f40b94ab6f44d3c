#!/bin/sed -Ef
# Doxygen's input filter of pages: links to public headers become references, links into other pages lose their
# anchor, and links within a page and to files that are not part of the reference become plain text.
s,\]\(([^):#]*README\.md)#[^)]*\),](\1),g
/!\[/!{
s,\[([^]]*)\]\(#[^)]*\),\1,g
s,\[([^]]*)\]\(([a-z_./]*(detail|support)/[^)]*|[A-Za-z_./]*\.(cpp|py|png|html|json|m?js)|[A-Za-z_./]*LICENSE|network/reference_network\.hpp|[a-z_./]*/[a-z_]+|[a-z]+)\),\1,g
s,\]\((\.\./|[a-z_]+/)*([a-z_]+\.hpp)\),](@ref \2),g
}
