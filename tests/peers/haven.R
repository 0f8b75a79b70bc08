# Reads FOLDER/NAME.xpt of each folder and compares it with NAME.ours.csv, value for value.
library(haven)
shown <- function(x) {
  if (is.character(x)) return(ifelse(is.na(x), "", x))
  # haven makes R dates of SAS dates: days and seconds since 1970 instead of 1960.
  since <- if (inherits(x, "Date")) 3653 else if (inherits(x, "POSIXct")) 315619200 else 0
  out <- sprintf("%.17g", as.double(unclass(x)) + since)
  tag <- rep(NA_character_, length(x))
  missing <- is.na(x)
  if (any(missing)) tag[missing] <- toupper(na_tag(as.double(x)[missing]))
  out[missing] <- ifelse(is.na(tag[missing]), ".", paste0(".", tag[missing]))
  out
}
wrong <- 0
files <- 0
for (folder in commandArgs(TRUE)) for (file in list.files(folder, full.names = TRUE)) {
  name <- sub("[.]xpt$", "", basename(file))
  ours <- read.csv(paste0(name, ".ours.csv"), colClasses = "character", check.names = FALSE, na.strings = character(0),
                   encoding = "UTF-8")
  theirs <- read_xpt(file)
  files <- files + 1
  same <- identical(dim(ours), dim(theirs)) && identical(names(ours), names(theirs))
  if (same) for (v in names(ours)) {
    a <- ours[[v]]
    b <- shown(zap_formats(zap_labels(theirs[[v]])))
    if (!identical(enc2utf8(a), enc2utf8(as.character(b)))) {
      at <- which(a != b)[1]
      cat(file, v, "row", at, ": ours", a[at], "haven", b[at], "\n")
      wrong <- wrong + 1
    }
  } else {
    cat(file, "has another shape in haven:", dim(theirs), "instead of", dim(ours), "\n")
    wrong <- wrong + 1
  }
}
cat("haven read", files, "files,", wrong, "differences\n")
quit(status = if (wrong > 0 || files == 0) 1 else 0)
