//! The report files of a run: `report.md` and `report.html`, as the format asks for them.

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::render::report::TemplateError;
use crate::research::robustness::options::Format;

/// The files by name; what is not asked for is not rendered.
///
/// # Errors
/// When an embedded template does not fit; a defect of this program.
pub fn report_files(
    format: Format,
    markdown: impl FnOnce() -> Result<String, TemplateError>,
    html: impl FnOnce() -> Result<String, TemplateError>,
) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let refuse = |e: TemplateError| {
        let doing = "could not render the report";
        Failure::from_error(Exit::Internal, "report", doing, &e)
    };
    let mut files = Vec::new();
    if format.markdown() {
        let text = markdown().map_err(refuse)?;
        files.push(("report.md".to_owned(), text.into_bytes()));
    }
    if format.html() {
        let text = html().map_err(refuse)?;
        files.push(("report.html".to_owned(), text.into_bytes()));
    }
    Ok(files)
}
