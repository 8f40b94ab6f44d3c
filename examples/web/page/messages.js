// Messages of the library, in the texts of the page.

const functions = /^(backquery(::[\w:~]+)?|readDigits|create(Network|Training)|workedExample|dream|run): /;

/** The message of an error without the name of the function that threw it. */
export function reasonOf({message}) { return message.replace(functions, ''); }
