//! Columns: the elastic tab stops of Go's `text/tabwriter`, and kubectl's tables on them.

/// How wide cells become.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// The least width of a cell, padding included.
    pub min_width: usize,
    /// Blanks added to the longest cell.
    pub padding: usize,
}

/// The layout of `kubectl get`.
pub const GET: Layout = Layout { min_width: 6, padding: 3 };
/// The layout of `kubectl describe`.
pub const DESCRIBE: Layout = Layout { min_width: 0, padding: 2 };

/// Aligns text whose cells end with tabs.
///
/// A column is a run of neighbouring lines that all have a cell there which a tab ends; the last cell of a line belongs
/// to no column. Models `text/tabwriter` format().
#[must_use]
pub fn align(text: &str, layout: Layout) -> String {
    align_with(text, layout, None)
}

/// [`align`], with columns at least as wide as before, which `widths` remembers.
#[must_use]
pub fn align_from(text: &str, layout: Layout, widths: &mut Vec<usize>) -> String {
    align_with(text, layout, Some(widths))
}

fn align_with(text: &str, layout: Layout, remembered: Option<&mut Vec<usize>>) -> String {
    let ends_with_newline = text.ends_with('\n');
    let body = text.strip_suffix('\n').unwrap_or(text);
    let lines: Vec<Vec<&str>> = body.split('\n').map(|line| line.split('\t').collect()).collect();
    let mut writer =
        Writer { lines: &lines, layout, widths: Vec::new(), remembered, out: String::new() };
    writer.format(0, lines.len());
    let mut out = writer.out;
    if !ends_with_newline {
        out.pop();
    }
    out
}

struct Writer<'a> {
    lines: &'a [Vec<&'a str>],
    layout: Layout,
    /// Widths of the columns that enclose the block at hand.
    widths: Vec<usize>,
    remembered: Option<&'a mut Vec<usize>>,
    out: String,
}

impl Writer<'_> {
    /// Whether a tab ends the line's cell in this column.
    fn has_cell(&self, line: usize, column: usize) -> bool {
        column + 1 < self.lines[line].len()
    }

    fn format(&mut self, from: usize, to: usize) {
        let column = self.widths.len();
        let (mut written, mut line) = (from, from);
        while line < to {
            if !self.has_cell(line, column) {
                line += 1;
                continue;
            }
            self.write_lines(written, line);
            let end = (line..to).find(|&at| !self.has_cell(at, column)).unwrap_or(to);
            let width = self.width(line, end, column);
            self.widths.push(width);
            self.format(line, end);
            self.widths.pop();
            written = end;
            line = end;
        }
        self.write_lines(written, to);
    }

    fn width(&mut self, from: usize, to: usize, column: usize) -> usize {
        let longest =
            (from..to).map(|line| self.lines[line][column].chars().count()).max().unwrap_or(0);
        let width = self.layout.min_width.max(longest + self.layout.padding);
        let Some(remembered) = &mut self.remembered else { return width };
        if column >= remembered.len() {
            remembered.resize(column + 1, 0);
        }
        remembered[column] = remembered[column].max(width);
        remembered[column]
    }

    fn write_lines(&mut self, from: usize, to: usize) {
        for line in &self.lines[from..to] {
            for (column, cell) in line.iter().enumerate() {
                self.out.push_str(cell);
                if let Some(width) = self.widths.get(column) {
                    let blanks = width.saturating_sub(cell.chars().count());
                    self.out.extend(std::iter::repeat_n(' ', blanks));
                }
            }
            self.out.push('\n');
        }
    }
}

/// A table: its headings, and rows of as many cells.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Table {
    /// Headings, in capitals.
    pub headers: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// The table as `kubectl get` prints it.
    #[must_use]
    pub fn text(&self, no_headers: bool) -> String {
        self.text_from(no_headers, &mut Vec::new())
    }

    /// The same with columns at least as wide as before: `kubectl get --watch` prints one row after the other.
    #[must_use]
    pub fn text_from(&self, no_headers: bool, widths: &mut Vec<usize>) -> String {
        let headers = (!no_headers).then_some(&self.headers);
        let lines: Vec<String> = headers
            .into_iter()
            .chain(&self.rows)
            .map(|row| row.iter().map(|cell| one_line(cell)).collect::<Vec<_>>().join("\t") + "\n")
            .collect();
        if lines.is_empty() { String::new() } else { align_from(&lines.concat(), GET, widths) }
    }
}

/// A cell is cut at its first line break; control characters are shown.
/// Models `cli-runtime/pkg/printers/tableprinter.go` printRows and `terminal.go`.
fn one_line(cell: &str) -> String {
    let cut = cell.find(['\n', '\r', '\x0c']);
    let kept = cut.map_or(cell, |at| &cell[..at]);
    let kept = kept.replace('\x1b', "^[");
    if cut.is_some() { kept + "..." } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_end_where_a_line_has_none() {
        let text = "Name:\tweb\nA longer title:\tx\nAlone\n  a:\tb\n  cc:\td\te\n";
        assert_eq!(
            align(text, DESCRIBE),
            "Name:            web\nA longer title:  x\nAlone\n  a:   b\n  cc:  d  e\n"
        );
    }

    #[test]
    fn a_line_without_columns_parts_them() {
        assert_eq!(align("a:\tb\nE:\nlonger:\tc\n", DESCRIBE), "a:  b\nE:\nlonger:  c\n");
        assert_eq!(align("a:\t", DESCRIBE), "a:  ");
    }

    #[test]
    fn a_watch_remembers_widths() {
        let row = |cells: [&str; 2]| Table {
            headers: vec!["NAME".to_owned(), "STATUS".to_owned()],
            rows: vec![cells.map(str::to_owned).to_vec()],
        };
        let mut widths = Vec::new();
        assert_eq!(
            row(["web", "Pending"]).text_from(false, &mut widths),
            "NAME   STATUS\nweb    Pending\n"
        );
        assert_eq!(row(["a-longer-name", "x"]).text_from(true, &mut widths), "a-longer-name   x\n");
        assert_eq!(row(["web", "y"]).text_from(true, &mut widths), "web             y\n");
    }

    #[test]
    fn cells_are_one_line() {
        assert_eq!(one_line("two\nlines"), "two...");
    }
}
