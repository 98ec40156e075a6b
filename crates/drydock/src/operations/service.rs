//! The account's blob service itself.

use http::StatusCode;

use crate::answer::Answer;
use crate::call::Call;
use crate::failure::Outcome;
use crate::xml::{DECLARATION, leaves};

/// What a new account has.
const DEFAULT_PROPERTIES: &str = "<StorageServiceProperties>\
<Logging><Version>1.0</Version><Delete>false</Delete><Read>false</Read><Write>false</Write>\
<RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></Logging>\
<HourMetrics><Version>1.0</Version><Enabled>false</Enabled>\
<RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></HourMetrics>\
<MinuteMetrics><Version>1.0</Version><Enabled>false</Enabled>\
<RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></MinuteMetrics>\
<Cors /><DeleteRetentionPolicy><Enabled>false</Enabled></DeleteRetentionPolicy>\
<StaticWebsite><Enabled>false</Enabled></StaticWebsite></StorageServiceProperties>";

/// Get Blob Service Properties.
pub(super) fn get_properties(call: &Call) -> Answer {
    let kept = call.store().service_properties();
    Answer::xml(kept.unwrap_or_else(|| format!("{DECLARATION}{DEFAULT_PROPERTIES}")))
}

/// Set Blob Service Properties: kept and shown again, but nothing follows from them.
pub(super) fn set_properties(call: &Call, document: &[u8]) -> Outcome<Answer> {
    leaves(document)?;
    let text = String::from_utf8_lossy(document).into_owned();
    call.store().set_service_properties(text)?;
    Ok(Answer::new(StatusCode::ACCEPTED))
}

/// Get Account Information.
pub(super) fn account_information() -> Answer {
    Answer::new(StatusCode::OK)
        .with("x-ms-sku-name", "Standard_LRS")
        .with("x-ms-account-kind", "StorageV2")
        .with("x-ms-is-hns-enabled", "false")
        .with("content-length", "0")
}
