//! Expressions.

use super::*;

impl Parser<'_> {
    /// Expressions up to a closing token.
    pub(super) fn list(&mut self, close: &str) -> Parsed<Vec<Expr>> {
        let mut all = Vec::new();
        loop {
            self.only_newlines()?;
            if self.eat(close)? {
                return Ok(all);
            }
            all.push(self.expr()?);
            self.only_newlines()?;
            if !self.eat(",")? && !self.is(close) {
                return self.fail();
            }
        }
    }

    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        self.deeper(Self::ternary)
    }

    pub(super) fn ternary(&mut self) -> Parsed<Expr> {
        let cond = self.binary(0)?;
        if self.eat("?")? {
            self.only_newlines()?;
            let yes = self.expr()?;
            self.only_newlines()?;
            self.expect(":")?;
            self.only_newlines()?;
            let no = self.expr()?;
            return Ok(Expr::Ternary(Box::new(cond), Box::new(yes), Box::new(no)));
        }
        let assign =
            ["=", "+=", "-=", "*=", "/=", "%=", "^=", "**="].into_iter().find(|op| self.is(op));
        if let Some(op) = assign
            && matches!(cond, Expr::Var(_) | Expr::Index(..) | Expr::Field(_))
        {
            self.advance()?;
            self.only_newlines()?;
            let value = self.expr()?;
            return Ok(Expr::Assign(
                if op == "**=" { "^=" } else { op },
                Box::new(cond),
                Box::new(value),
            ));
        }
        Ok(cond)
    }

    pub(super) fn binary(&mut self, level: usize) -> Parsed<Expr> {
        const LEVELS: [&[&str]; 7] = [
            &["||"],
            &["&&"],
            &["in"],
            &["~", "!~"],
            &["<", "<=", "!=", "==", ">", ">="],
            &["+", "-"],
            &["*", "/", "%"],
        ];
        if level == 5 {
            return self.concatenation();
        }
        if level == LEVELS.len() {
            return self.unary();
        }
        let mut left = self.binary(level + 1)?;
        loop {
            if level == 2 {
                let is_in = matches!(&self.token, Token::Name(n) if n == "in") && !self.no_in;
                if !is_in {
                    return Ok(left);
                }
                self.advance()?;
                left = Expr::In(vec![left], self.name()?);
                continue;
            }
            let op =
                LEVELS[level].iter().find(|op| self.is(op) && !(**op == ">" && self.no_greater));
            let Some(op) = op else { return Ok(left) };
            self.advance()?;
            self.only_newlines()?;
            let right = self.binary(level + 1)?;
            left = Expr::Binary(op, Box::new(left), Box::new(right));
            if level == 4 {
                return Ok(left);
            }
        }
    }

    pub(super) fn starts_operand(&self) -> bool {
        match &self.token {
            Token::Number(_) | Token::Text(_) => true,
            Token::Name(name) => name != "in",
            Token::Op(op) => matches!(*op, "$" | "!" | "(" | "-" | "+" | "++" | "--"),
            Token::Newline | Token::End => false,
        }
    }

    pub(super) fn concatenation(&mut self) -> Parsed<Expr> {
        let mut left = self.additive()?;
        while self.starts_operand() && !self.is("+") && !self.is("-") {
            let right = self.additive()?;
            left = Expr::Binary(" ", Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    pub(super) fn concatenation_operand(&mut self) -> Parsed<Expr> {
        self.additive()
    }

    pub(super) fn additive(&mut self) -> Parsed<Expr> {
        let mut left = self.binary(6)?;
        while let Some(op) = ["+", "-"].into_iter().find(|op| self.is(op)) {
            self.advance()?;
            let right = self.binary(6)?;
            left = Expr::Binary(op, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    pub(super) fn unary(&mut self) -> Parsed<Expr> {
        self.deeper(|p| {
            if p.eat("!")? {
                return Ok(Expr::Not(Box::new(p.unary()?)));
            }
            if p.eat("-")? {
                return Ok(Expr::Minus(Box::new(p.unary()?)));
            }
            if p.eat("+")? {
                return Ok(Expr::Plus(Box::new(p.unary()?)));
            }
            let base = p.postfix()?;
            if p.eat("^")? || p.eat("**")? {
                let exponent = p.unary()?;
                return Ok(Expr::Binary("^", Box::new(base), Box::new(exponent)));
            }
            Ok(base)
        })
    }

    pub(super) fn postfix(&mut self) -> Parsed<Expr> {
        for (op, by) in [("++", 1.0), ("--", -1.0)] {
            if self.eat(op)? {
                let target = self.primary()?;
                return Ok(Expr::Step(true, by, Box::new(target)));
            }
        }
        let target = self.primary()?;
        let place = matches!(target, Expr::Var(_) | Expr::Index(..) | Expr::Field(_));
        for (op, by) in [("++", 1.0), ("--", -1.0)] {
            if place && self.eat(op)? {
                return Ok(Expr::Step(false, by, Box::new(target)));
            }
        }
        Ok(target)
    }

    pub(super) fn primary(&mut self) -> Parsed<Expr> {
        if self.is("/") || self.is("/=") {
            return self.regex();
        }
        match self.token.clone() {
            Token::Number(n) => self.advance().map(|()| Expr::Number(n)),
            Token::Text(text) => self.advance().map(|()| Expr::Text(text)),
            Token::Op("$") => {
                self.advance()?;
                let inner = self.deeper(|p| {
                    if p.is("++") || p.is("--") || p.is("-") { p.unary() } else { p.primary() }
                })?;
                Ok(Expr::Field(Box::new(inner)))
            }
            Token::Op("(") => {
                self.advance()?;
                let saved = std::mem::replace(&mut self.no_greater, false);
                let mut list = self.list(")")?;
                self.no_greater = saved;
                if list.len() == 1 {
                    return Ok(list.remove(0));
                }
                if !self.eat_name("in")? {
                    return self.fail();
                }
                Ok(Expr::In(list, self.name()?))
            }
            Token::Name(name) => {
                let call = self.text[self.at..].starts_with('(');
                self.advance()?;
                if call || (self.is("(") && BUILTINS.contains(&name.as_str())) {
                    self.advance()?;
                    let saved = std::mem::replace(&mut self.no_greater, false);
                    let args = self.list(")")?;
                    self.no_greater = saved;
                    return Ok(Expr::Call(name, args));
                }
                if name == "length" {
                    return Ok(Expr::Call(name, Vec::new()));
                }
                if self.eat("[")? {
                    return Ok(Expr::Index(name, self.list("]")?));
                }
                Ok(Expr::Var(name))
            }
            _ => self.fail(),
        }
    }
}
