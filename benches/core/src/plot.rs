//! Plots as SVG: lines over logarithmic axes, and nothing else.

use std::fmt::Write as _;

/// One line of a plot.
#[derive(Debug)]
pub struct Line {
    pub name: String,
    pub points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 190.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 52.0;
/// Told apart also by those who do not see colours alike.
const COLOURS: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/// Whole powers of ten around the values.
fn decades(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let low = values.clone().fold(f64::INFINITY, f64::min).log10().floor();
    let high = values.fold(0.0, f64::max).log10().ceil();
    (low, if high > low { high } else { low + 1.0 })
}

/// A time with its unit.
pub fn time(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        n if n < 1e3 => (n, "ns"),
        n if n < 1e6 => (n / 1e3, "µs"),
        n if n < 1e9 => (n / 1e6, "ms"),
        n => (n / 1e9, "s"),
    };
    if value < 9.995 {
        format!("{value:.2} {unit}")
    } else if value < 99.95 {
        format!("{value:.1} {unit}")
    } else {
        format!("{value:.0} {unit}")
    }
}

/// A whole plot. Values of the upright axis are nanoseconds.
pub fn plot(title: &str, across: &str, lines: &[Line]) -> String {
    let points = || lines.iter().flat_map(|line| line.points.iter().copied());
    if points().next().is_none() {
        return "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n".to_owned();
    }
    let ((left, right), (low, high)) = (decades(points().map(|(x, _)| x)), decades(points().map(|(_, y)| y)));
    let at_x = |x: f64| LEFT + (x.log10() - left) / (right - left) * (WIDTH - LEFT - RIGHT);
    let at_y = |y: f64| HEIGHT - BOTTOM - (y.log10() - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"15\">{}</text>\n",
        escape(title)
    );
    let mut grid = |x1: f64, y1: f64, x2: f64, y2: f64| {
        let _ = writeln!(
            out,
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"#ddd\"/>"
        );
    };
    let powers = |from: f64, to: f64| {
        std::iter::successors(Some(from), |at| Some(at + 1.0)).take_while(move |at| *at <= to)
    };
    for power in powers(left, right) {
        let x = at_x(10_f64.powf(power));
        grid(x, TOP, x, HEIGHT - BOTTOM);
    }
    for power in powers(low, high) {
        let y = at_y(10_f64.powf(power));
        grid(LEFT, y, WIDTH - RIGHT, y);
    }
    for power in powers(left, right) {
        let value = 10_f64.powf(power);
        let (x, y) = (at_x(value), HEIGHT - BOTTOM + 18.0);
        let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{value}</text>");
    }
    for power in powers(low, high) {
        let value = 10_f64.powf(power);
        let (x, y) = (LEFT - 8.0, at_y(value) + 4.0);
        let label = time(value).replace(".00", "").replace(".0 ", " ");
        let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"end\">{label}</text>");
    }
    let (x, y) = (f64::midpoint(LEFT, WIDTH - RIGHT), HEIGHT - 12.0);
    let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{}</text>", escape(across));
    for (number, (line, colour)) in lines.iter().zip(COLOURS.iter().cycle()).enumerate() {
        let mut path = String::new();
        for (x, y) in &line.points {
            let _ = write!(path, "{:.1},{:.1} ", at_x(*x), at_y(*y));
        }
        let _ = writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            path.trim_end()
        );
        for (x, y) in &line.points {
            let _ = writeln!(
                out,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{colour}\"/>",
                at_x(*x),
                at_y(*y)
            );
        }
        let step = u32::try_from(number).map_or(0.0, f64::from) * 20.0;
        let (x, y) = (WIDTH - RIGHT + 14.0, TOP + 12.0 + step);
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{}\" width=\"12\" height=\"12\" fill=\"{colour}\"/>",
            y - 10.0
        );
        let _ = writeln!(out, "<text x=\"{}\" y=\"{y}\">{}</text>", x + 18.0, escape(&line.name));
    }
    out.push_str("</svg>\n");
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The exponent with which a measure grows: the slope of the straight line that fits the logarithms best.
pub fn exponent(points: &[(f64, f64)]) -> f64 {
    let count = u32::try_from(points.len()).map_or(0.0, f64::from);
    let logs = || points.iter().map(|(x, y)| (x.ln(), y.ln()));
    let (sum_x, sum_y) = logs().fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let (above, below) = logs().fold((0.0, 0.0), |(above, below), (x, y)| {
        (above + (x - mean_x) * (y - mean_y), below + (x - mean_x).powi(2))
    });
    above / below
}

#[cfg(test)]
mod tests {
    use super::{Line, exponent, plot, time};

    #[test]
    fn a_square_grows_with_exponent_two() {
        let points: Vec<(f64, f64)> = [20.0, 200.0, 2_000.0].map(|x: f64| (x, 3.0 * x * x)).to_vec();
        assert!((exponent(&points) - 2.0).abs() < 1e-9);
    }

    #[test]
    fn times_have_three_digits() {
        let shown = [1.0, 12.34, 999.4, 60_000.0, 6_000_000.0, 2e9].map(time);
        assert_eq!(shown, ["1.00 ns", "12.3 ns", "999 ns", "60.0 µs", "6.00 ms", "2.00 s"]);
    }

    #[test]
    fn a_plot_has_each_line_and_its_name() {
        let line = |name: &str| Line { name: name.to_owned(), points: vec![(20.0, 5e3), (200.0, 5e4)] };
        let svg = plot("a < b", "entries", &[line("one"), line("two")]);
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert!(svg.contains(">one<") && svg.contains(">two<") && svg.contains("a &lt; b"));
    }
}
