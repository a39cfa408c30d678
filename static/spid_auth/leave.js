/* Sends the signed request to the identity provider. Without JavaScript the person presses the button. */
document.getElementById("leave").submit();
