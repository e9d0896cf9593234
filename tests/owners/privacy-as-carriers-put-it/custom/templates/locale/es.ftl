privacy-sharing = La información móvil no se compartirá con terceros ni afiliados con fines publicitarios.
