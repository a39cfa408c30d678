/* Passkeys: asks the browser to create or use one, then sends the form. The page says in words what went wrong. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-passkey]");
  if (!form) return;
  var options = JSON.parse(document.getElementById(form.dataset.options).textContent);
  var problems = form.querySelectorAll("[data-passkey-problem]");

  function tell(name) {
    problems.forEach(function (problem) { problem.hidden = problem.dataset.passkeyProblem !== name; });
  }

  function nameOf(error) {
    if (error.name === "InvalidStateError") return "known";
    if (error.name === "SecurityError") return "address";
    return "refused";
  }

  form.addEventListener("submit", function (event) {
    if (form.elements.credential.value) return;
    event.preventDefault();
    tell("");
    if (!window.isSecureContext) { tell("address"); return; }
    if (!window.PublicKeyCredential) { tell("browser"); return; }
    window.webauthnJSON[form.dataset.passkey](options).then(function (credential) {
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    }, function (error) { tell(nameOf(error)); });
  });
})();
