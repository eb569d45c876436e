"use strict";
// The page's one form is sent on; without scripts there is a button.
document.getElementById("ask").submit();
