//! The grammar of documents: whether a text keeps to it, and what it should say where it does not.
//!
//! apollo-parser builds the tree. But it recovers from mistakes, and some of them it never tells: where the colon of an
//! argument or of a member is missing, it drops both (0.8.7). It counts blanks as tokens, names its own symbols in its
//! messages, and does not know descriptions of operations. So it sees only what has passed here.

use super::lexer::{Kind, Token, token};
use super::lines::Lines;
use super::prepared::Refused;
use crate::config::GraphQl;
use crate::graphql::fault::{Fault, PARSE_FAILED};
use crate::graphql::request::{too_deep, too_large};

/// Characters of a word that is told again.
const LONGEST_WORD: usize = 40;
/// Bytes of a name. An answer tells an alias once for each entry of a list, before anybody has paid for that. The longest
/// names that tools make are those of files, as Relay's are.
const LONGEST_NAME: usize = 256;

/// A text that keeps to the grammar.
#[derive(Debug)]
pub(super) struct Read {
    /// The same length as what was read, with blanks in the place of what the parser has no use for: comments, commas,
    /// byte order marks, each of which it would make a token of, and descriptions.
    pub text: String,
    pub tokens: usize,
}

type Result<T> = std::result::Result<T, Refused>;

/// Reads a document within the limits of nesting and tokens.
///
/// # Errors
/// The limit that is exceeded, or the first mistake.
pub(super) fn read(lines: &Lines<'_>, limits: &GraphQl) -> Result<Read> {
    let first = Token { kind: Kind::End, start: 0, end: 0 };
    let text = vec![b' '; lines.text().len()];
    let mut reader = Reader { lines, limits, token: first, text, tokens: 0, depth: 0 };
    reader.step()?;
    if reader.token.kind == Kind::End {
        let fault = Fault::new(PARSE_FAILED, "The document has no operation.");
        return Err(fault.at(vec![lines.at(0)]).into());
    }
    while reader.token.kind != Kind::End {
        reader.definition()?;
    }
    // All that was copied are whole tokens of a text that was UTF-8.
    let text = String::from_utf8(reader.text).unwrap_or_default();
    Ok(Read { text, tokens: reader.tokens })
}

struct Reader<'a> {
    lines: &'a Lines<'a>,
    limits: &'a GraphQl,
    /// What comes next.
    token: Token,
    text: Vec<u8>,
    tokens: usize,
    depth: usize,
}

impl Reader<'_> {
    /// Takes the next token, and keeps its text.
    fn next(&mut self) -> Result<()> {
        let range = self.token.start..self.token.end;
        self.text[range.clone()].copy_from_slice(&self.lines.text().as_bytes()[range]);
        self.step()
    }

    /// Takes the next token.
    fn step(&mut self) -> Result<()> {
        self.token = token(self.lines.text(), self.token.end)
            .map_err(|stray| Fault::new(PARSE_FAILED, stray.message).at(vec![self.lines.at(stray.at)]))?;
        match self.token.kind {
            Kind::End => return Ok(()),
            Kind::Punctuator(b'{' | b'[' | b'(') => {
                self.depth += 1;
                if self.depth > self.limits.max_nesting {
                    return Err(too_deep(self.limits).into());
                }
            }
            Kind::Punctuator(b'}' | b']' | b')') => self.depth = self.depth.saturating_sub(1),
            Kind::Name if self.word().len() > LONGEST_NAME => {
                return Err(too_large(format!("A name has more than {LONGEST_NAME} bytes.")).into());
            }
            _ => {}
        }
        self.tokens += 1;
        if self.tokens > self.limits.max_tokens {
            let detail = format!("The document has more than {} tokens.", self.limits.max_tokens);
            return Err(too_large(detail).into());
        }
        Ok(())
    }

    fn word(&self) -> &str {
        self.lines.text().get(self.token.start..self.token.end).unwrap_or_default()
    }

    fn is(&self, punctuator: u8) -> bool {
        self.token.kind == Kind::Punctuator(punctuator)
    }

    fn is_word(&self, word: &str) -> bool {
        self.token.kind == Kind::Name && self.word() == word
    }

    fn skip(&mut self, punctuator: u8) -> Result<bool> {
        let is_there = self.is(punctuator);
        if is_there {
            self.next()?;
        }
        Ok(is_there)
    }

    fn take(&mut self, punctuator: u8) -> Result<()> {
        if self.skip(punctuator)? { Ok(()) } else { self.miss(&quoted(char::from(punctuator))) }
    }

    fn name(&mut self) -> Result<()> {
        if self.token.kind == Kind::Name { self.next() } else { self.miss("A name") }
    }

    /// What should stand here.
    fn miss<T>(&self, expected: &str) -> Result<T> {
        let found = match self.token.kind {
            Kind::End => "the end of the document".to_owned(),
            Kind::String => "a string".to_owned(),
            Kind::Number => "a number".to_owned(),
            // A password without its quotes is such words.
            Kind::Name if self.lines.names_secret() => "a name".to_owned(),
            Kind::Spread | Kind::Punctuator(_) if self.lines.names_secret() => "a punctuator".to_owned(),
            Kind::Name | Kind::Spread | Kind::Punctuator(_) => {
                let word: String = self.word().chars().take(LONGEST_WORD).collect();
                quoted(word)
            }
        };
        self.fault(format!("{expected} is expected here, not {found}."))
    }

    fn fault<T>(&self, message: String) -> Result<T> {
        Err(Fault::new(PARSE_FAILED, message).at(vec![self.lines.at(self.token.start)]).into())
    }

    fn definition(&mut self) -> Result<()> {
        let is_described = self.description()?;
        if self.is(b'{') && !is_described {
            return self.selection_set();
        }
        match self.word() {
            "query" | "mutation" | "subscription" if self.token.kind == Kind::Name => self.operation(),
            "fragment" if self.token.kind == Kind::Name => self.fragment(),
            "schema" | "scalar" | "type" | "interface" | "union" | "enum" | "input" | "directive"
            | "extend"
                if self.token.kind == Kind::Name =>
            {
                self.fault("Only operations and fragments may stand here, no definitions of types.".into())
            }
            _ => self.miss("An operation or a fragment"),
        }
    }

    /// Leaves no trace of it.
    fn description(&mut self) -> Result<bool> {
        let is_there = self.token.kind == Kind::String;
        if is_there {
            self.step()?;
        }
        Ok(is_there)
    }

    fn operation(&mut self) -> Result<()> {
        self.next()?;
        if self.token.kind == Kind::Name {
            self.next()?;
        }
        if self.skip(b'(')? {
            loop {
                self.variable_definition()?;
                if self.skip(b')')? {
                    break;
                }
            }
        }
        self.directives(false)?;
        self.selection_set()
    }

    fn variable_definition(&mut self) -> Result<()> {
        self.description()?;
        self.take(b'$')?;
        self.name()?;
        self.take(b':')?;
        self.kind()?;
        if self.skip(b'=')? {
            self.value(true)?;
        }
        self.directives(true)
    }

    /// A type.
    fn kind(&mut self) -> Result<()> {
        if self.skip(b'[')? {
            self.kind()?;
            self.take(b']')?;
        } else if self.token.kind == Kind::Name {
            self.next()?;
        } else {
            return self.miss("A type");
        }
        self.skip(b'!').map(|_| ())
    }

    fn fragment(&mut self) -> Result<()> {
        self.next()?;
        if self.is_word("on") {
            return self.miss("The name of the fragment");
        }
        self.name()?;
        if !self.is_word("on") {
            return self.miss("\"on\"");
        }
        self.next()?;
        self.name()?;
        self.directives(false)?;
        self.selection_set()
    }

    fn selection_set(&mut self) -> Result<()> {
        self.take(b'{')?;
        loop {
            self.selection()?;
            if self.skip(b'}')? {
                return Ok(());
            }
        }
    }

    fn selection(&mut self) -> Result<()> {
        match self.token.kind {
            Kind::Name => self.field(),
            Kind::Spread => {
                self.next()?;
                let is_typed = self.is_word("on");
                if self.token.kind == Kind::Name {
                    self.next()?;
                    if !is_typed {
                        return self.directives(false);
                    }
                    self.name()?;
                }
                self.directives(false)?;
                self.selection_set()
            }
            _ => self.miss("A field"),
        }
    }

    fn field(&mut self) -> Result<()> {
        self.next()?;
        if self.skip(b':')? {
            self.name()?;
        }
        self.arguments(false)?;
        self.directives(false)?;
        if self.is(b'{') { self.selection_set() } else { Ok(()) }
    }

    /// `constant`: without variables.
    fn arguments(&mut self, constant: bool) -> Result<()> {
        if !self.skip(b'(')? {
            return Ok(());
        }
        loop {
            self.named_value(constant)?;
            if self.skip(b')')? {
                return Ok(());
            }
        }
    }

    fn named_value(&mut self, constant: bool) -> Result<()> {
        self.name()?;
        self.take(b':')?;
        self.value(constant)
    }

    fn directives(&mut self, constant: bool) -> Result<()> {
        while self.skip(b'@')? {
            self.name()?;
            self.arguments(constant)?;
        }
        Ok(())
    }

    fn value(&mut self, constant: bool) -> Result<()> {
        match self.token.kind {
            Kind::Number | Kind::String | Kind::Name => self.next(),
            Kind::Punctuator(b'$') if constant => {
                self.fault("A variable has no value here: only constants may stand in this place.".into())
            }
            Kind::Punctuator(b'$') => {
                self.next()?;
                self.name()
            }
            Kind::Punctuator(b'[') => {
                self.next()?;
                while !self.skip(b']')? {
                    self.value(constant)?;
                }
                Ok(())
            }
            Kind::Punctuator(b'{') => {
                self.next()?;
                while !self.skip(b'}')? {
                    self.named_value(constant)?;
                }
                Ok(())
            }
            _ => self.miss("A value"),
        }
    }
}

fn quoted(text: impl std::fmt::Display) -> String {
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        match read(&Lines::new(text), &GraphQl::default()) {
            Ok(_) => String::new(),
            Err(Refused::Invalid(faults)) => {
                let pos = faults[0].positions.first().copied().unwrap_or_default();
                format!("{}:{} {}", pos.line, pos.column, faults[0].message)
            }
            Err(Refused::TooLarge(problem)) => problem.detail().to_owned(),
        }
    }

    #[test]
    fn what_the_grammar_has_passes() {
        for text in [
            "{a}",
            "query{a}mutation{a}subscription{a}",
            "query Q($a:[[Int!]]! = [1] @d(a:{b:\"\"}) $b:T=1)@d(a:[$b]){a}",
            "query($a:Int@d){a:b(c:$a d:[$a null true ENUM -1.5e3 \"\" \"\"\"\"\"\"]e:{f:{}g:[]})@d(a:$a)@e{...F@d...on T@d{a}...{a}...@d{a}}}",
            "fragment F on T@d(a:1){on fragment query type}",
            "{on:a on}",
            "\"d\" query Q(\"\"\"d\"\"\" $a:Int){a} \"d\" fragment F on T{a}",
        ] {
            let text =
                text.strip_suffix('=').map_or_else(|| text.to_owned(), |open| format!("{open}=1){{a}}"));
            assert_eq!(message(&text), "", "{text}");
        }
    }

    #[test]
    fn what_it_has_not_is_told_with_what_should_stand_there() {
        for (text, told) in [
            ("", "1:1 The document has no operation."),
            ("{", "1:2 A field is expected here, not the end of the document."),
            ("{}", "1:2 A field is expected here, not \"}\"."),
            ("{a}}", "1:4 An operation or a fragment is expected here, not \"}\"."),
            ("query", "1:6 \"{\" is expected here, not the end of the document."),
            ("query(){a}", "1:7 \"$\" is expected here, not \")\"."),
            ("query($a Int){a}", "1:10 \":\" is expected here, not \"Int\"."),
            ("query($a:$b){a}", "1:10 A type is expected here, not \"$\"."),
            (
                "query($a:Int=$b){a}",
                "1:14 A variable has no value here: only constants may stand in this place.",
            ),
            ("{a(b)}", "1:5 \":\" is expected here, not \")\"."),
            ("{a(b:)}", "1:6 A value is expected here, not \")\"."),
            ("{a()}", "1:4 A name is expected here, not \")\"."),
            ("{a(b:{c true})}", "1:9 \":\" is expected here, not \"true\"."),
            ("{a(b:[1)}", "1:8 A value is expected here, not \")\"."),
            ("{...on{a}}", "1:7 A name is expected here, not \"{\"."),
            ("fragment on on T{a}", "1:10 The name of the fragment is expected here, not \"on\"."),
            ("fragment F T{a}", "1:12 \"on\" is expected here, not \"T\"."),
            ("{a b:\"SECRET\"}", "1:6 A name is expected here, not a string."),
            ("{a @}", "1:5 A name is expected here, not \"}\"."),
            ("\"d\"{a}", "1:4 An operation or a fragment is expected here, not \"{\"."),
            (
                "\n type T{a:Int}",
                "2:2 Only operations and fragments may stand here, no definitions of types.",
            ),
            ("{a ?}", "1:4 The character U+003F cannot stand here."),
            ("{a(password:correct horse battery)}", "1:27 \":\" is expected here, not a name."),
            ("{a(password:corr@ct)}", "1:17 A name is expected here, not a punctuator."),
            ("{a(passWord:corr?ct)}", "1:17 This character cannot stand here."),
        ] {
            assert_eq!(message(text), told, "{text}");
        }
    }

    #[test]
    fn the_limit_passes_and_one_more_is_refused() {
        let limits = |max_nesting, max_tokens| GraphQl { max_nesting, max_tokens, ..GraphQl::default() };
        let passes = |text: &str, limits: &GraphQl| read(&Lines::new(text), limits).is_ok();
        for (text, nesting, tokens) in [
            ("{a(b:[1])}", 3, 10),
            ("{a(b:\"[[[\")} # {{{", 2, 8),
            ("{a(b:\"\"\"[\"[\\\"\"\"[\"\"\")}", 2, 8),
            ("{,,a,,,}", 1, 3),
        ] {
            assert!(passes(text, &limits(nesting, tokens)), "{text}");
            assert!(!passes(text, &limits(nesting - 1, tokens)), "{text}");
            assert!(!passes(text, &limits(nesting, tokens - 1)), "{text}");
        }
    }

    #[test]
    fn the_parser_sees_tokens_in_their_places_and_nothing_else() {
        let text = "\"d\" query Q(\"\"\"é\"\"\"$a:Int){a,b#é\nc}";
        let read = read(&Lines::new(text), &GraphQl::default()).expect("a document");
        assert_eq!(read.text.len(), text.len());
        assert_eq!(read.text.split_whitespace().collect::<Vec<_>>().join(" "), "query Q( $a:Int){a b c}");
        assert_eq!(read.text.find("c}"), text.find("c}"));
    }
}
