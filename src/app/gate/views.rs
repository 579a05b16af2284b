//! What reading commands show: portfolios, open work, one request with all that happened to it.

mod inbox;
mod request;
mod status;

pub use inbox::{InboxItem, InboxJson, inbox, inbox_text};
pub use request::{RequestJson, request, request_text};
pub use status::{PortfolioLine, StatusJson, status, status_text};
